"""A walk through the real window without a display: what a reader does, gesture by gesture, with pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer, SignalInstance
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.ui.main_window import MainWindow

PATIENCE_MS = 60_000
SIZE = (1440, 900)


@dataclass(frozen=True)
class Truth:
    """What is known of a drawn radiograph."""

    boxes: Mapping[Joint, Box]
    findings: Mapping[Joint, tuple[Finding, ...]]


class Tour:
    """Drives a window by mouse events and actions, as a reader would."""

    def __init__(self, window: MainWindow, out: Path, size: tuple[int, int] = SIZE) -> None:
        self._window, self._out = window, out
        self.pictures: list[Path] = []
        window.messages.asker = lambda _title, _text, _yes: True
        window.resize(*size)

    def open(self, image_id: int) -> None:
        """Open an image and wait until it is there."""
        desk = self._window.sitting.desk
        if desk.image is None or desk.image.id != image_id:
            wait_for(desk.opened, lambda: self._window.sitting.open(image_id))
        self._window.view.fit()

    def draw(self, box: Box) -> Joint | None:
        """A drag from corner to corner; with Shift, since it may begin on another box."""
        view = self._window.view
        corners = view.image_to_widget((box.x0, box.y0)), view.image_to_widget((box.x1, box.y1))
        drag(view.viewport(), *corners, Qt.KeyboardModifier.ShiftModifier)
        return self._window.sitting.desk.current

    def read(self, truth: Truth) -> None:
        """Box every joint, label those with a finding, and call the rest normal."""
        desk = self._window.sitting.desk
        for joint, box in truth.boxes.items():
            if desk.reading is not None and joint not in desk.reading.boxes:
                self.draw(box)
        for joint, findings in truth.findings.items():
            desk.set_current(joint)
            for finding in findings:
                self.press(finding.value)
        self.press("rest_normal")

    def await_proposals(self) -> None:
        """Wait until the detector's proposals for the open image are shown, or known to be shown later.

        Raises KnuckleError where the detector cannot look at it.
        """
        review, proposing = self._window.sitting.review, self._window.sitting.proposing
        image = self._window.sitting.desk.image

        def problem() -> KnuckleError | None:
            return proposing.problem(image.id) if image is not None else None

        wait_until(
            proposing.changed,
            lambda: review.run is not None or review.standing.hidden or problem() is not None,
        )
        error = problem()
        if review.run is None and error is not None:
            raise error

    def accept(self) -> None:
        """All proposals: those that need no look of their own at once, the others one by one."""
        review = self._window.sitting.review
        if review.rest:
            self.press("accept_rest")
        for proposal in review.waiting:
            review.choose(proposal)
            if review.current == proposal:
                self.press("confirm" if proposal.joint is not None else "delete_box")

    def next_unread(self) -> None:
        """Go to the next image that is not complete, where there is one."""
        desk, worklist = self._window.sitting.desk, self._window.sitting.worklist
        if desk.image is not None and worklist.next_unread(desk.image.id) is not None:
            wait_for(desk.opened, lambda: self.press("next_unread"))

    def press(self, action: str) -> None:
        """The action of this name, as by its key."""
        self._window.actions_.action(action).trigger()
        QApplication.processEvents()

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        """Grab the window, or one widget of it, into the folder."""
        QApplication.processEvents()
        path = self._out / f"{name}.png"
        if not (widget or self._window).grab().save(str(path)):
            raise KnuckleError(f"The picture {path} cannot be written.", "Choose another folder with --out.")
        self.pictures.append(path)


def drag(widget: QWidget, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier) -> None:
    """Press, move in two steps, release, with the left button."""
    middle = (start + end) / 2
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, at, button, held in (
        (QMouseEvent.Type.MouseMove, start, none, none),
        (QMouseEvent.Type.MouseButtonPress, start, left, left),
        (QMouseEvent.Type.MouseMove, middle, none, left),
        (QMouseEvent.Type.MouseMove, end, none, left),
        (QMouseEvent.Type.MouseButtonRelease, end, left, none),
    ):
        where = QPointF(widget.mapToGlobal(QPoint(0, 0))) + at
        event = QMouseEvent(kind, at, where, button, held, keys)
        QApplication.sendEvent(widget, event)


def wait_until(signal: SignalInstance, there: Callable[[], bool]) -> None:
    """Come back when this is so, which is looked at whenever the signal comes. Raises as `wait_for`."""
    while not there():
        wait_for(signal, lambda: None)


def wait_for(signal: SignalInstance, start: Callable[[], object]) -> None:
    """Start something and come back when the signal has come. Raises KnuckleError when it does not."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    late = QTimer(singleShot=True, interval=PATIENCE_MS)
    late.timeout.connect(lambda: loop.exit(1))
    late.start()
    QTimer.singleShot(0, start)
    if loop.exec():
        raise KnuckleError(
            "The window did not answer within a minute.", "Look into the log in the data folder."
        )
