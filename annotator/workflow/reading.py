"""The reading desk: the open image, the reader's reading of it, and every change the reader makes.

A gesture becomes an Edit, the Edit is stored, and only then memory and the screen change: what is
seen is what is saved. When a save fails the reading stays as it was, the edit waits, and it is tried
again until it is stored or the reader drops it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain import gestures
from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError, LockedError, SaveError, StaleError
from annotator.domain.geometry import Box
from annotator.domain.images import Image
from annotator.domain.joints import Joint
from annotator.domain.people import Person
from annotator.imaging.radiograph import Radiograph
from annotator.store.readings import Readings, Way
from annotator.workflow import naming
from annotator.workflow.opening import OpenImage, Picture

RETRY_EVERY_MS = 3000
Gesture = Callable[[Reading], Edit]


class ReadingDesk(QObject):
    """One reader at one image at a time.

    opened(): image, radiograph and reading are new, or there is none any more. changed(Edit | None): the
    reading is another after a saved edit, undo, redo, signing or reopening. current_changed(Joint | None).
    saved(datetime): when the last gesture was stored. save_failed(KnuckleError): an edit waits to be
    stored; redraw from `reading`. refused(KnuckleError): a gesture that cannot be done.
    """

    opened = Signal()
    changed = Signal(object)
    current_changed = Signal(object)
    saved = Signal(object)
    save_failed = Signal(object)
    refused = Signal(object)

    def __init__(self, readings: Readings, reader: Person, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readings = readings
        self._reader = reader
        self.picture: Picture | None = None
        self._waiting: tuple[Edit, Way] | None = None
        self._settled: frozenset[Joint] = frozenset()
        self.reading: Reading | None = None
        self.current: Joint | None = None
        self.history = History()
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_EVERY_MS)
        self._retry.timeout.connect(self.retry)

    @property
    def image(self) -> Image | None:
        return self.picture.image if self.picture else None

    @property
    def radiograph(self) -> Radiograph | None:
        return self.picture.radiograph if self.picture else None

    @property
    def unsaved(self) -> bool:
        """An edit waits to be stored."""
        return self._waiting is not None

    @property
    def locked(self) -> bool:
        return self.reading is None or self.reading.signed

    def put(self, opened: OpenImage | None, current: Joint | None = None) -> None:
        """Lay an image on the desk, or clear it; refused (KnuckleError) while an edit waits to be stored."""
        if not self.retry() and self._waiting:  # one that was refused for good waits no more
            raise SaveError(
                "The last gesture is not stored yet.", "Wait for it, or undo it, before you go on."
            )
        self.picture = opened.picture if opened else None
        self.reading = opened.reading if opened else None
        self.history = History()
        self._settled = frozenset(self.reading.annotations) if self.reading else frozenset()
        self.current = None
        self.opened.emit()
        if self.reading:
            self.set_current(current if current in self.reading.expected else self._next_open(None))

    def set_current(self, joint: Joint | None) -> None:
        if joint != self.current:
            self.current = joint
            self.current_changed.emit(joint)

    def step(self, by: int) -> None:
        """The joint before or after the current one, in the order of the expected joints."""
        if self.reading and self.reading.expected:
            order = self.reading.expected
            at = order.index(self.current) + by if self.current in order else 0
            self.set_current(order[at % len(order)])

    def perform(self, gesture: Gesture) -> bool:
        """Make and store the edit of a gesture; False where it was refused or could not be stored."""
        if self.reading is None:
            return False
        try:
            if self.reading.signed:
                raise LockedError("This reading is signed.", "Reopen it, with a reason, to change it.")
            edit = gesture(self.reading)
        except KnuckleError as error:
            self.refused.emit(error)
            return False
        return edit.empty or self._store(edit, "do")

    def draw(self, box: Box, joint: Joint | None = None) -> bool:
        """A new box. Without a joint the hand template names it, and renames with it the boxes of this
        sitting that nobody has named or said anything about yet."""
        named = self.perform(lambda reading: self._drawn(reading, box, joint))
        if named and self.reading:
            drawn = [j for j, a in self.reading.annotations.items() if a.box == box]
            self.set_current(drawn[0] if drawn else self.current)
        return named

    def confirm(self) -> None:
        """The current joint is read; go on to the next one that is not."""
        joint = self.current
        if joint and self.perform(lambda reading: gestures.confirm(reading, joint)):
            self.set_current(self._next_open(joint))

    def undo(self) -> bool:
        if self._waiting:
            self._forget_waiting()
            self.changed.emit(None)
            return True
        edit = self.history.next_undo
        return edit is not None and not self.locked and self._store(edit.inverse, "undo")

    def redo(self) -> bool:
        edit = self.history.next_redo
        return edit is not None and not self.locked and self._store(edit, "redo")

    def sign(self) -> bool:
        return self._whole(partial(self._readings.sign, by=self._reader))

    def reopen(self, reason: str) -> bool:
        return self._whole(partial(self._readings.reopen, reason=reason, by=self._reader))

    def retry(self) -> bool:
        """Try again to store the edit that waits; True where none waits any more."""
        if self._waiting is None:
            return True
        edit, way = self._waiting
        return self._store(edit, way, again=True)

    def sheet(self, reading: Reading) -> naming.Sheet:
        """The open image as the hand template needs it; ValueError where none is open."""
        if self.picture is None:
            raise ValueError("no image is open")
        return self.picture.sheet(reading.facts)

    def _store(self, edit: Edit, way: Way, *, again: bool = False) -> bool:
        if self.reading is None or (self._waiting and not again and not self.retry()):
            return False
        try:
            reading, at = self._readings.apply(self.reading, edit, self._reader, way=way)
        except SaveError as error:
            self._waiting = edit, way
            self._retry.start()
            self.save_failed.emit(error)
            return False
        except StaleError as error:
            self._forget_waiting()
            self._read_again(error)
            return False
        except KnuckleError as error:
            self._forget_waiting()
            self.refused.emit(error)
            return False
        self._forget_waiting()
        self._take(reading, edit, way, at)
        return True

    def _take(self, reading: Reading, edit: Edit, way: Way, at: datetime) -> None:
        self.reading = reading
        done = {"undo": self.history.undo, "redo": self.history.redo}
        self.history = done[way]() if way in done else self.history.record(edit)
        if edit.action is Action.RENAME:
            self._settled |= {change.joint for change in edit.joints}
        self.saved.emit(at)
        self.changed.emit(edit)
        if way != "do" and edit.subject in reading.expected:
            self.set_current(edit.subject)
        elif self.current not in reading.expected:
            self.set_current(self._next_open(None))

    def _whole(self, change: Callable[[Reading], Reading]) -> bool:
        if self.reading is None or not self.retry():
            return False
        try:
            self.reading = change(self.reading)
        except KnuckleError as error:
            self.refused.emit(error)
            return False
        self.history = History()
        self.saved.emit(datetime.now(UTC))
        self.changed.emit(None)
        return True

    def _read_again(self, error: StaleError) -> None:
        """Show the reading as it is stored; what could be undone was of another one."""
        if self.reading is not None:
            self.reading = self._readings.load(self.reading.image_id, self._reader)
        self.history = History()
        self.changed.emit(None)
        self.refused.emit(error)

    def _forget_waiting(self) -> None:
        self._waiting = None
        self._retry.stop()

    def _next_open(self, after: Joint | None) -> Joint | None:
        """The next expected joint that is not done, round the end; the same one where all are done."""
        if self.reading is None or not self.reading.expected:
            return None
        order = self.reading.expected
        at = order.index(after) + 1 if after in order else 0
        turned = order[at:] + order[:at]
        return next((joint for joint in turned if not self.reading.of(joint).done), after or order[0])

    def _loose(self, annotation: JointAnnotation) -> bool:
        """Named by the template in this sitting, and nothing said about it."""
        return annotation.untouched and not annotation.comment and annotation.joint not in self._settled

    def _drawn(self, reading: Reading, box: Box, joint: Joint | None) -> Edit:
        if joint is not None:
            return gestures.draw(reading, joint, box)
        if not reading.missing_boxes:
            raise KnuckleError("Every joint of this image has a box.", "Move or delete one of them.")
        loose = {joint: box for joint, box in reading.boxes.items() if self._loose(reading.of(joint))}
        settled = {joint: box for joint, box in reading.boxes.items() if joint not in loose}
        names = naming.name_boxes([*loose.values(), box], settled, self.sheet(reading))
        return gestures.draw(reading, names[-1], box, renamed=dict(zip(loose, names[:-1], strict=True)))
