"""What a drag does from its first step to its end: pan, window and level, a new box, a changed box."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from annotator.domain.edits import Action
from annotator.domain.geometry import Box
from annotator.imaging.display import window_of
from annotator.ui.joint_box import Hit, drawn, moved, resized

if TYPE_CHECKING:
    from annotator.ui.radiograph_view import RadiographView

SLOP = 4.0
"""A way shorter than so many screen pixels is a click."""
FULL_RANGE_WAY = 600.0
"""Widget pixels of a right drag that change width or centre by the whole range of values."""
NARROWEST_SHARE = 1 / 500
"""The narrowest window of a drag, as a share of the range of values."""


class Drag(ABC):
    """One drag, from where the button went down; positions are widget pixels.

    begun: the pointer has moved far enough for it to be one.
    """

    def __init__(self, view: RadiographView, start: QPointF) -> None:
        self.view = view
        self.start = start
        self.begun = False

    def far_enough(self, at: QPointF) -> bool:
        return self.length(at) >= SLOP

    def length(self, at: QPointF) -> float:
        """Screen pixels from the start."""
        way = at - self.start
        return max(abs(way.x()), abs(way.y())) * self.view.projection.ratio

    @abstractmethod
    def move(self, at: QPointF) -> None:
        """Shows what the drag does up to here."""

    @abstractmethod
    def finish(self, at: QPointF) -> bool:
        """Does it. False where it was a click after all."""

    @abstractmethod
    def cancel(self) -> None:
        """Everything is as it was at the start."""


class PanDrag(Drag):
    def __init__(self, view: RadiographView, start: QPointF) -> None:
        super().__init__(view, start)
        self._before = view.view_state
        self._last = start

    def move(self, at: QPointF) -> None:
        way = at - self._last
        self._last = at
        self.view.pan_by(way.x(), way.y())

    def finish(self, at: QPointF) -> bool:
        return True

    def cancel(self) -> None:
        self.view.set_view_state(self._before)


class LevelDrag(Drag):
    """To the right the window becomes wider, upwards the picture becomes brighter."""

    def __init__(self, view: RadiographView, start: QPointF) -> None:
        super().__init__(view, start)
        self._before = view.look
        self._chain = view.radiograph.facts.chain if view.radiograph else None

    def move(self, at: QPointF) -> None:
        chain = self._chain
        if chain is None:
            return
        values = chain.after_modality()
        whole = float(values.max() - values.min()) or 1.0
        way = (at - self.start) * (whole / FULL_RANGE_WAY)
        window = window_of(chain, self._before)
        darker = -1.0 if chain.inverted != self._before.inverted else 1.0
        width = max(window.width + way.x(), min(window.width, whole * NARROWEST_SHARE))
        dragged = window.moved_to(window.centre + darker * way.y(), width)
        self.view.set_look(replace(self._before, window=dragged, voi_lut=None))
        self.view.look_changed.emit(self.view.look)

    def finish(self, at: QPointF) -> bool:
        return True

    def cancel(self) -> None:
        self.view.set_look(self._before)
        self.view.look_changed.emit(self._before)


class DrawDrag(Drag):
    def move(self, at: QPointF) -> None:
        self.view.box_layer.draft(self._box(at))

    def finish(self, at: QPointF) -> bool:
        self.view.box_layer.draft(None)
        if self.length(at) < SLOP:
            return False
        box = self._box(at)
        if box is not None:
            self.view.box_drawn.emit(box)
        return True

    def cancel(self) -> None:
        self.view.box_layer.draft(None)

    def _box(self, at: QPointF) -> Box | None:
        ends = (self.view.widget_to_image(self.start), self.view.widget_to_image(at))
        return drawn(*ends, *self.view.image_size)


class BoxDrag(Drag):
    """Moves a box, or resizes it by a handle. The box becomes the current one as soon as it moves."""

    def __init__(self, view: RadiographView, start: QPointF, on: Hit) -> None:
        super().__init__(view, start)
        self.on = on
        self._box = on.shown.box

    def move(self, at: QPointF) -> None:
        if self._box is self.on.shown.box and not self.on.shown.current:
            self.view.box_picked.emit(self.on.shown.key)
        way = at - self.start
        dx, dy = self.view.projection.vector_to_image(way.x(), way.y())
        limits = self.view.image_size
        if self.on.handle is None:
            self._box = moved(self.on.shown.box, dx, dy, *limits)
        else:
            self._box = resized(self.on.shown.box, self.on.handle, dx, dy, *limits)
        self.view.box_layer.preview(self.on.shown.key, self._box)

    def finish(self, at: QPointF) -> bool:
        self.move(at)
        changed = self._box != self.on.shown.box
        self.view.box_layer.settle(keep=changed)
        if changed:
            action = Action.RESIZE if self.on.handle else Action.MOVE
            self.view.box_changed.emit(self.on.shown.key, self._box, action)
        return True

    def cancel(self) -> None:
        self.view.box_layer.settle(keep=False)
