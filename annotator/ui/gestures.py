"""Mouse and keys on the view: which gesture begins where, how it goes on, ends, or is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from annotator.ui.drags import BoxDrag, Drag, DrawDrag, LevelDrag, PanDrag
from annotator.ui.joint_box import Hit, hit

if TYPE_CHECKING:
    from annotator.ui.radiograph_view import RadiographView

NOTCH = 120.0
ZOOM_PER_NOTCH, FINE_ZOOM_PER_NOTCH = 1.2, 1.05
CLOSE_UP = 0.35
"""Share of the view that a box takes after a double click."""

_CURSORS = {
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
}


class Gestures:
    """What the events of one `RadiographView` and of its viewport mean. It is given them by the view.

    A press only prepares a drag: it begins when the pointer has moved far enough, and until then a
    release is a click. Esc gives up a drag and leaves everything as it was.
    """

    def __init__(self, view: RadiographView) -> None:
        self._view = view
        self._drag: Drag | None = None
        self._press: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._double = False
        self._space = False
        view.viewport().setMouseTracking(True)
        self._on_viewport = {
            QEvent.Type.MouseButtonPress: self._pressed,
            QEvent.Type.MouseButtonDblClick: self._pressed,
            QEvent.Type.MouseMove: self._moved,
            QEvent.Type.MouseButtonRelease: self._released,
            QEvent.Type.Wheel: self._wheeled,
            QEvent.Type.Leave: self._left,
            QEvent.Type.ContextMenu: self._asked_by_mouse,
            QEvent.Type.ToolTip: self._rested,
        }
        self._on_view = {
            QEvent.Type.ShortcutOverride: self._shortcut,
            QEvent.Type.KeyPress: self._key,
            QEvent.Type.KeyRelease: self._key_up,
            QEvent.Type.FocusOut: self._lost_focus,
            QEvent.Type.ContextMenu: self._asked_by_key,
        }

    def on_viewport(self, event: QEvent) -> bool:
        """True where the event was a gesture and is dealt with."""
        handler = self._on_viewport.get(event.type())
        return handler(event) if handler is not None else False

    def on_view(self, event: QEvent) -> bool:
        handler = self._on_view.get(event.type())
        return handler(event) if handler is not None else False

    def give_up(self) -> None:
        """Ends a drag in progress as if it had never begun."""
        drag, self._drag, self._press = self._drag, None, None
        if drag is not None and drag.begun:
            drag.cancel()
        self._view.loupe_hidden(False)

    def boxes_changed(self) -> None:
        """A drag of a box that is no longer there is given up."""
        if isinstance(self._drag, BoxDrag):
            dragged = self._drag.on.shown.key
            if dragged not in {shown.key for shown in self._view.box_layer.boxes}:
                self.give_up()

    def _pressed(self, event: QEvent) -> bool:
        assert isinstance(event, QMouseEvent)
        event.accept()
        if self._press is not None and event.button() != self._button:
            return True  # a second button during a drag
        self.give_up()  # the release of the one before went to another window
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        self._press, self._button = event.position(), event.button()
        self._double = event.type() == QEvent.Type.MouseButtonDblClick
        self._drag = self._drag_for(event) if self._view.radiograph else None
        return True

    def _drag_for(self, event: QMouseEvent) -> Drag | None:
        view, at = self._view, event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            return PanDrag(view, at)
        if event.button() == Qt.MouseButton.RightButton:
            return LevelDrag(view, at)
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        if self._space or view.locked:
            return PanDrag(view, at)
        found = self._hit(at)
        over = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if found is None or over or not found.shown.editable:
            return DrawDrag(view, at)
        return BoxDrag(view, at, found)

    def _moved(self, event: QEvent) -> bool:
        assert isinstance(event, QMouseEvent)
        at = event.position()
        self._view.pointer_at(at)
        if self._drag is not None and self._press is not None:
            if not self._drag.begun and self._drag.far_enough(at):
                self._drag.begun = True
                self._view.loupe_hidden(True)
            if self._drag.begun:
                self._drag.move(at)
        elif self._press is None:
            self._hover(at)
        self.update_cursor(at)
        return True

    def _released(self, event: QEvent) -> bool:
        assert isinstance(event, QMouseEvent)
        event.accept()
        if self._press is None or event.button() != self._button:
            return True
        drag, self._drag, self._press = self._drag, None, None
        self._view.loupe_hidden(False)
        if drag is not None and drag.begun and drag.finish(event.position()):
            self._hover(event.position())
        elif self._view.radiograph:
            self._clicked(event.position(), event.globalPosition().toPoint())
        self.update_cursor(event.position())
        return True

    def _clicked(self, at: QPointF, on_screen: QPoint) -> None:
        view, found = self._view, self._hit(at)
        key = found.shown.key if found else None
        if self._button == Qt.MouseButton.RightButton:
            view.context_asked.emit(key, on_screen)
        elif self._button == Qt.MouseButton.LeftButton and not self._space:
            if self._double and found:
                view.centre_on(found.shown.box, CLOSE_UP)
            elif self._double:
                view.one_to_one(at) if view.view_state.fitted else view.fit()
            else:
                view.box_picked.emit(key)

    def _wheeled(self, event: QEvent) -> bool:
        assert isinstance(event, QWheelEvent)
        event.accept()
        turn, view = event.angleDelta(), self._view
        if view.radiograph is None:
            return True
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            view.pan_by(turn.x() + turn.y(), 0.0)
            return True
        fine = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        step = FINE_ZOOM_PER_NOTCH if fine else ZOOM_PER_NOTCH
        view.zoom_by(step ** ((turn.y() or turn.x()) / NOTCH), event.position())
        self._view.pointer_at(event.position())
        return True

    def _left(self, event: QEvent) -> bool:
        self._view.pointer_at(None)
        self._view.box_layer.hover(None)
        return False

    def _rested(self, event: QEvent) -> bool:
        """The tip of the box under the pointer; of two in one place, that of the one which has a tip."""
        assert isinstance(event, QHelpEvent)
        view, at = self._view, event.pos()
        told = [shown for shown in view.box_layer.boxes if shown.tip]
        found = hit(told, view.projection, at.x(), at.y()) if self._press is None else None
        if found is None:
            QToolTip.hideText()
        else:
            x0, y0, x1, y1 = map(round, view.projection.rect_to_widget(found.shown.box))
            around = QRect(x0, y0, x1 - x0, y1 - y0)  # the tip goes when the pointer leaves it
            QToolTip.showText(event.globalPos(), found.shown.tip, view.viewport(), around)
        return True

    def _asked_by_mouse(self, event: QEvent) -> bool:
        event.accept()  # answered at the release, where a drag and a click can be told apart
        return True

    def _asked_by_key(self, event: QEvent) -> bool:
        assert isinstance(event, QContextMenuEvent)
        event.accept()
        view = self._view
        current = next((s for s in view.box_layer.boxes if s.current), None)
        if event.reason() == QContextMenuEvent.Reason.Keyboard and view.radiograph:
            place = view.image_to_widget(current.box.centre) if current else QPointF(view.rect().center())
            key = current.key if current else None
            view.context_asked.emit(key, view.viewport().mapToGlobal(place).toPoint())
        return True

    def _shortcut(self, event: QEvent) -> bool:
        """Takes Space, and Esc during a drag, before a shortcut of the window does."""
        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_Space or (event.key() == Qt.Key.Key_Escape and self._press is not None):
            event.accept()
            return True
        return False

    def _key(self, event: QEvent) -> bool:
        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_Escape and self._press is not None:
            self.give_up()
        elif event.key() == Qt.Key.Key_Space:
            self._space = True
        else:
            event.ignore()  # the window's; the scene would take the arrows
        self.update_cursor()
        return True

    def _key_up(self, event: QEvent) -> bool:
        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.update_cursor()
        return False

    def _lost_focus(self, event: QEvent) -> bool:
        self._space = False
        return False

    def _hit(self, at: QPointF) -> Hit | None:
        return hit(self._view.box_layer.boxes, self._view.projection, at.x(), at.y())

    def _hover(self, at: QPointF) -> None:
        found = None if self._view.locked else self._hit(at)
        self._view.box_layer.hover(found.shown.key if found else None)

    def update_cursor(self, at: QPointF | None = None) -> None:
        viewport = self._view.viewport()
        shape = self._cursor(at or QPointF(viewport.mapFromGlobal(QCursor.pos())))
        if viewport.cursor().shape() != shape:
            viewport.setCursor(shape)

    def _cursor(self, at: QPointF) -> Qt.CursorShape:
        if isinstance(self._drag, PanDrag) and self._drag.begun:
            return Qt.CursorShape.ClosedHandCursor
        if self._view.radiograph is None:
            return Qt.CursorShape.ArrowCursor
        if self._space or self._view.locked:
            return Qt.CursorShape.OpenHandCursor
        if isinstance(self._drag, DrawDrag):
            return Qt.CursorShape.CrossCursor
        found = self._drag.on if isinstance(self._drag, BoxDrag) else self._hit(at)
        if found is None or not found.shown.editable:
            return Qt.CursorShape.CrossCursor
        if found.handle is None:
            return Qt.CursorShape.SizeAllCursor
        sx, sy = self._view.projection.screen_direction(*found.handle)
        return _CURSORS.get((sx, sy)) or _CURSORS[(-sx, -sy)]
