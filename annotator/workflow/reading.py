"""The reading desk: the open image, the reader's reading of it, and every change the reader makes.

A gesture becomes an Edit, the Edit is stored, and only then memory and the screen change: what is
seen is what is saved. When a save fails the reading stays as it was, the change waits, and it is tried
again until it is stored or the reader undoes it; meanwhile no other gesture is made on top of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError, LockedError, SaveError, StaleError
from annotator.domain.geometry import Box
from annotator.domain.images import Image
from annotator.domain.joints import Joint
from annotator.domain.people import Person, Right
from annotator.imaging.radiograph import Radiograph
from annotator.store.readings import Readings, Way
from annotator.workflow import naming
from annotator.workflow.loose_names import Joints, LooseNames, is_loose, still_loose
from annotator.workflow.opening import OpenImage, Picture
from annotator.workflow.saving import Change, Saver

Gesture = Callable[[Reading], Edit]
Then = Callable[[Reading], Joint | None]
"""The joint to go on with, once the gesture is stored."""


class ReadingDesk(QObject):
    """One reader at one image at a time.

    saved_at: when the reading was last stored. opened(): image, radiograph and reading are new, or there
    is none any more. changed(Edit | None): the reading is another after a saved edit, undo, redo, signing
    or reopening. current_changed(Joint | None). saved(datetime): when the last gesture was stored.
    save_failed(KnuckleError): a change waits to be stored; redraw from `reading`. settled(): none waits
    any more. refused(KnuckleError): a gesture that cannot be done.
    """

    opened = Signal()
    changed = Signal(object)
    current_changed = Signal(object)
    saved = Signal(object)
    save_failed = Signal(object)
    settled = Signal()
    refused = Signal(object)

    def __init__(self, readings: Readings, reader: Person, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readings = readings
        self._reader = reader
        self._loose = LooseNames()
        self.picture: Picture | None = None
        self.reading: Reading | None = None
        self.current: Joint | None = None
        self.saved_at: datetime | None = None
        self.history = History()
        self._saver = Saver(self)
        self._saver.saved.connect(self._saved)
        self._saver.failed.connect(self.save_failed)
        self._saver.settled.connect(self.settled)
        self._saver.refused.connect(self.refused)
        self._saver.stale.connect(self._read_again)

    @property
    def image(self) -> Image | None:
        return self.picture.image if self.picture else None

    @property
    def radiograph(self) -> Radiograph | None:
        return self.picture.radiograph if self.picture else None

    @property
    def unsaved(self) -> bool:
        """A change waits to be stored."""
        return self._saver.waiting is not None

    @property
    def locked(self) -> bool:
        """Nothing of the reading can be changed: there is none, it is signed, or it is not one's role."""
        return self.reading is None or self.reading.signed or not self._reader.may(Right.READ)

    def put(self, opened: OpenImage | None, current: Joint | None = None) -> None:
        """Lay an image on the desk, or clear it. Raises SaveError while a change waits to be stored."""
        if not self.retry() and self.unsaved:  # what was refused for good waits no more
            raise SaveError(
                "The last gesture is not stored yet.", "Wait for it, or undo it, before you go on."
            )
        self.picture = opened.picture if opened else None
        self.reading = opened.reading if opened else None
        self.history, self._loose = History(), LooseNames()
        self.current = None
        self.saved_at = self._readings.saved_at(opened.image.id, self._reader) if opened else None
        self.opened.emit()
        if self.reading:
            self.set_current(current if current in self.reading.expected else next_open(self.reading, None))

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

    def perform(self, gesture: Gesture, then: Then | None = None) -> bool:
        """Make and store the edit of a gesture; False where it was refused or could not be stored."""
        edit = self._made(gesture)
        if edit is None:
            return False
        if edit.empty:
            if then is not None and self.reading is not None:
                self.set_current(then(self.reading))
            return True
        loose = still_loose(self._loose.at(len(self.history.done)), edit)
        return self._store(edit, "do", loose, then)

    def draw(self, box: Box, joint: Joint | None = None) -> bool:
        """A new box, and its joint the current one. Without a joint the hand template names it, and
        renames with it the boxes of this sitting that nobody has named or said anything about."""

        def drawn(reading: Reading) -> Joint:
            return next(j for j, b in reading.boxes.items() if b == box)

        if joint is not None:
            return self.perform(lambda reading: gestures.draw(reading, joint, box), drawn)
        names: list[Joint] = []
        edit = self._made(lambda reading: self._drawn(reading, box, names))
        return edit is not None and self._store(edit, "do", frozenset(names), drawn)

    def confirm(self) -> None:
        """The current joint is read; go on to the next one that is not."""
        joint = self.current
        if joint is not None:
            self.perform(
                lambda reading: gestures.confirm(reading, joint), lambda reading: next_open(reading, joint)
            )

    def go_on(self) -> None:
        """To the next joint that is not read."""
        self.set_current(next_open(self.reading, self.current))

    def undo(self) -> bool:
        """Take the last gesture back: the one that waits, where it was a new one, else the last stored."""
        waiting = self._saver.waiting
        if waiting is not None and waiting.droppable:
            self.drop_waiting()
            return True
        if self.locked or not self.retry() or self.history.next_undo is None:
            return False
        return self._store(self.history.next_undo.inverse, "undo", frozenset())

    def redo(self) -> bool:
        if self.locked or not self.retry() or self.history.next_redo is None:
            return False
        return self._store(self.history.next_redo, "redo", frozenset())

    def sign(self) -> bool:
        return self._whole(partial(self._readings.sign, by=self._reader))

    def reopen(self, reason: str) -> bool:
        return self._whole(partial(self._readings.reopen, reason=reason, by=self._reader))

    def retry(self) -> bool:
        """Try again to store the change that waits; True where none waits any more."""
        return self._saver.retry()

    def drop_waiting(self) -> None:
        """Give the change up that waits to be stored."""
        self._saver.drop()
        self.changed.emit(None)

    def _saved(self, at: datetime) -> None:
        self.saved_at = at
        self.saved.emit(at)

    def _made(self, gesture: Gesture) -> Edit | None:
        """The edit of a gesture on the reading as it is stored; None, and said why, where there is none."""
        if self.reading is None or not self.retry():
            return None
        try:
            if self.reading.signed:
                raise LockedError("This reading is signed.", "Reopen it, with a reason, to change it.")
            return gesture(self.reading)
        except KnuckleError as error:
            self.refused.emit(error)
            return None

    def _store(self, edit: Edit, way: Way, loose: Joints, then: Then | None = None) -> bool:
        """loose: the names that are loose after a new edit; undo and redo know theirs."""
        reading = self.reading
        if reading is None:
            return False
        store = partial(self._readings.apply, reading, edit, self._reader, way=way)
        return self._saver.save(Change(store, partial(self._take, edit, way, loose, then), way == "do"))

    def _take(self, edit: Edit, way: Way, loose: Joints, then: Then | None, reading: Reading) -> None:
        """What was stored; the current joint is the right one when `changed` is told."""
        self.reading = reading
        done = {"undo": self.history.undo, "redo": self.history.redo}
        self.history = done[way]() if way in done else self.history.record(edit)
        if way == "do":
            self._loose.record(len(self.history.done), loose)
        before = self.current
        if then is not None:
            self.current = then(reading)
        elif edit.action is Action.SWAP_SIDES and before is not None:
            self.current = before.mirrored
        elif way != "do" and edit.subject in reading.expected:
            self.current = edit.subject
        elif before not in reading.expected:
            other = before.mirrored if before is not None else None
            self.current = other if other in reading.expected else next_open(reading, None)
        self.changed.emit(edit)
        if self.current != before:
            self.current_changed.emit(self.current)

    def _whole(self, change: Callable[[Reading], Reading]) -> bool:
        """Sign or reopen: a change that no undo takes back."""
        if self.reading is None or not self.retry():
            return False
        reading = self.reading

        def taken(after: Reading) -> None:
            self.reading, self.history, self._loose = after, History(), LooseNames()
            self.changed.emit(None)

        return self._saver.save(Change(lambda: (change(reading), datetime.now(UTC)), taken, False))

    def _read_again(self, error: StaleError) -> None:
        """Show the reading as it is stored; what could be undone was of another one."""
        if self.reading is not None:
            self.reading = self._readings.load(self.reading.image_id, self._reader)
        self.history, self._loose = History(), LooseNames()
        self.changed.emit(None)
        self.refused.emit(error)

    def _drawn(self, reading: Reading, box: Box, names: list[Joint]) -> Edit:
        """The drawing of a box that the template names; names: what is loose after it, filled here."""
        if self.picture is None or not reading.missing_boxes:
            raise KnuckleError("Every joint of this image has a box.", "Move or delete one of them.")
        known = self._loose.at(len(self.history.done))
        loose = {joint: b for joint, b in reading.boxes.items() if is_loose(reading.of(joint), known)}
        settled = {joint: b for joint, b in reading.boxes.items() if joint not in loose}
        names.extend(naming.name_boxes([*loose.values(), box], settled, self.picture.sheet(reading.facts)))
        return gestures.draw(reading, names[-1], box, renamed=dict(zip(loose, names[:-1], strict=True)))


def next_open(reading: Reading | None, after: Joint | None) -> Joint | None:
    """The next expected joint that is not done, round the end; the same one where all are done."""
    if reading is None or not reading.expected:
        return None
    order = reading.expected
    at = order.index(after) + 1 if after in order else 0
    turned = order[at:] + order[:at]
    return next((joint for joint in turned if not reading.of(joint).done), after or order[0])
