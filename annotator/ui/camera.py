"""Where the reader looks: zoom, pan, turn, mirror, and the limits of each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, Signal

from annotator.domain.geometry import Box, Point
from annotator.ui.projection import Page, Projection, Viewport, ViewState, projection, unsnapped

MARGIN = 8
"""Widget pixels left free around a fitted image."""
LARGEST_ZOOM = 40.0
SMALLEST_SHARE = 0.25
"""The smallest zoom, as a share of the one that fits the image."""


class Camera(QObject):
    """The view of one image in one widget. `moved` tells of every change of `state` or `projection`."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = Page(1, 1)
        self.viewport = Viewport(1, 1)
        self.state = ViewState(1.0, (0.5, 0.5), fitted=True)
        self.projection: Projection = projection(self._page, self.viewport, self.state)

    def set_page(self, page: Page, keep: bool) -> None:
        """Another image. keep: zoom, place, turn and mirroring stay as they are."""
        self._page = page
        self._go(self.state if keep else ViewState(1.0, (0.0, 0.0), fitted=True))

    def set_viewport(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self._go(self.state)

    def set_view_state(self, state: ViewState) -> None:
        self._go(state)

    def fit(self) -> None:
        """The whole image, as large as it goes, and so for every size of the window from now on."""
        self._go(replace(self.state, fitted=True))

    def one_to_one(self, at: QPointF | None = None) -> None:
        """One screen pixel for one image column. at: widget position that stays in place."""
        self.zoom_by(1.0 / self.state.zoom, at)

    def reset(self) -> None:
        """Fitted, neither turned nor mirrored."""
        self._go(ViewState(1.0, (0.0, 0.0), fitted=True))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """at: the widget position whose image point stays there; the middle of the view without it."""
        zoom = min(max(self.state.zoom * factor, SMALLEST_SHARE * self._fitting_zoom()), LARGEST_ZOOM)
        middle = Viewport(0, 0)
        u, v = self.viewport.width / 2, self.viewport.height / 2
        if at is not None:
            u, v = at.x() * self.viewport.ratio, at.y() * self.viewport.ratio
        x, y = unsnapped(self._page, self.viewport, self.state, u, v)
        # The place of a point relative to the centre: the centre is where the rest of the way leads.
        state = replace(self.state, zoom=zoom, centre=(x, y), fitted=False)
        offset = (self.viewport.width / 2 - u, self.viewport.height / 2 - v)
        self._go(replace(state, centre=unsnapped(self._page, middle, state, *offset)))

    def pan_by(self, dx: float, dy: float) -> None:
        """Moves the picture by widget pixels."""
        x, y = self.projection.vector_to_image(dx, dy)
        cx, cy = self.state.centre
        self._go(replace(self.state, centre=(cx - x, cy - y), fitted=False))

    def rotate(self, quarter_turns: int) -> None:
        """Clockwise."""
        self._go(replace(self.state, quarter_turns=(self.state.quarter_turns + quarter_turns) % 4))

    def mirror(self) -> None:
        """Changes left and right of what is seen."""
        turns = -self.state.quarter_turns % 4
        self._go(replace(self.state, quarter_turns=turns, mirrored=not self.state.mirrored))

    def centre_on(self, box: Box, share: float | None = None) -> None:
        """Brings a box to the middle. share: zoomed until it takes so much of the view's shorter side."""
        zoom = self.state.zoom
        if share is not None:
            side = max(box.width, box.height * self._page.aspect)
            zoom = min(share * min(self.viewport.width, self.viewport.height) / side, LARGEST_ZOOM)
        self._go(replace(self.state, zoom=zoom, centre=box.centre, fitted=False))

    def _fitting_zoom(self) -> float:
        width, height = float(self._page.width), self._page.height * self._page.aspect
        if self.state.quarter_turns % 2:
            width, height = height, width
        margin = 2 * MARGIN * self.viewport.ratio
        across = max(self.viewport.width - margin, 1.0) / width
        return min(across, max(self.viewport.height - margin, 1.0) / height)

    def _go(self, state: ViewState) -> None:
        self.state = state
        if state.fitted:
            middle = (self._page.width / 2, self._page.height / 2)
            self.state = replace(state, zoom=self._fitting_zoom(), centre=middle)
        else:
            self.state = replace(state, centre=self._on_page(state.centre))
        self.projection = projection(self._page, self.viewport, self.state)
        self.moved.emit()

    def _on_page(self, centre: Point) -> Point:
        """The middle of the view never leaves the image, so that it cannot be lost."""
        x, y = centre
        return min(max(x, 0.0), float(self._page.width)), min(max(y, 0.0), float(self._page.height))
