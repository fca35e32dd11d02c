"""The middle of the window: one radiograph, the boxes of its joints, and the gestures on both."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from annotator.domain.edits import Action
from annotator.domain.geometry import Point
from annotator.imaging.display import Look, lookup_table
from annotator.imaging.radiograph import Radiograph
from annotator.imaging.resample import Pyramid
from annotator.ui.box_drawing import CanvasColours
from annotator.ui.box_layer import BoxLayer
from annotator.ui.camera import Camera
from annotator.ui.gestures import Gestures
from annotator.ui.heat_item import Heat, HeatItem
from annotator.ui.image_item import PictureItem
from annotator.ui.joint_box import BoxKey, ShownBox, moved, resized
from annotator.ui.loupe import Loupe
from annotator.ui.overlay import Overlay
from annotator.ui.projection import Page, Projection, Viewport, ViewState

__all__ = ["CanvasColours", "Heat", "RadiographView", "ShownBox", "ViewState"]


class RadiographView(pg.GraphicsView):
    """A pyqtgraph scene in viewport pixels, with picture, heat map, boxes, loupe and texts as its items.

    Given a state by its methods, it draws it; what the reader does it tells by signals, and it keeps
    nothing that must be saved. Coordinates are pixels of the full image as in `domain.geometry`, however
    the view is zoomed, turned or mirrored.
    """

    box_drawn = Signal(object)
    """Box: a new box, clipped to the image."""
    box_changed = Signal(object, object, object)
    """BoxKey, Box, Action (MOVE, RESIZE or NUDGE), once a gesture."""
    box_picked = Signal(object)
    """BoxKey | None: a click on a box, or on none."""
    cursor_moved = Signal(object)
    """(x, y) in image pixels, or None beside the image."""
    look_changed = Signal(object)
    """Look, at every step of a right drag; the view shows it already."""
    view_changed = Signal(object)
    """ViewState."""
    context_asked = Signal(object, object)
    """BoxKey | None, QPoint on the screen: a right click, or the menu key."""

    _built = False  # pyqtgraph sends events while its part is being built

    def __init__(self, colours: CanvasColours | None = None, parent: QWidget | None = None) -> None:
        colours = colours or CanvasColours()
        super().__init__(parent, useOpenGL=False, background=colours.background)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setBackgroundBrush(Qt.BrushStyle.NoBrush)  # the picture paints what is beside it
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setAutoFillBackground(False)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Keys are commands here: an input method would swallow them as the start of a word.
        for widget in (self, self.viewport()):
            widget.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
            widget.setAcceptDrops(False)  # files are dropped on the window, and a view would take them
        self.setAccessibleName(self.tr("Radiograph"))
        self.radiograph: Radiograph | None = None
        self.look = Look()
        self.locked = False
        self._pyramid: Pyramid | None = None
        self._smooth = True
        self._loupe_on = False
        self.camera = Camera(self)
        self.fit, self.one_to_one = self.camera.fit, self.camera.one_to_one
        self.zoom_by, self.pan_by = self.camera.zoom_by, self.camera.pan_by
        self.rotate, self.mirror, self.reset = self.camera.rotate, self.camera.mirror, self.camera.reset
        self.set_view_state, self.centre_on = self.camera.set_view_state, self.camera.centre_on
        self.picture = PictureItem(self.projection, colours.background)
        self.box_layer = BoxLayer(self.font(), colours, self.projection)
        self.heat = HeatItem(colours, self.projection)
        self.set_heat = self.heat.set_heat
        self.loupe = Loupe()
        self.overlay = Overlay(self.font(), colours)
        self.set_corner_texts, self.set_banner = self.overlay.set_corner_texts, self.overlay.set_banner
        self.set_covered = self.overlay.set_covered
        for item in (self.picture, self.heat, self.box_layer, self.loupe, self.overlay):  # the last on top
            self.addItem(item)
        self.camera.moved.connect(self._camera_moved)
        self.gestures = Gestures(self)
        self.setMinimumSize(200, 150)
        self._built = True
        self._measure()

    @property
    def projection(self) -> Projection:
        return self.camera.projection

    @property
    def view_state(self) -> ViewState:
        return self.camera.state

    @property
    def image_size(self) -> tuple[float, float]:
        """Columns and rows of the image, (0, 0) without one."""
        if self.radiograph is None:
            return 0.0, 0.0
        height, width = self.radiograph.values.shape
        return float(width), float(height)

    def show_radiograph(
        self, radiograph: Radiograph | None, look: Look, keep_view: bool, pyramid: Pyramid | None = None
    ) -> None:
        """Shows another image, bare of boxes and heat, or none. keep_view: zoom, place, turn, mirroring stay.

        pyramid: of radiograph.values, where somebody made it ahead; it is made here otherwise.
        """
        self.gestures.give_up()
        self.radiograph = radiograph
        self._pyramid = (pyramid or Pyramid(radiograph.values)) if radiograph else None
        self.box_layer.set_boxes(())
        self.set_heat(None)
        self.set_look(look)
        if radiograph is not None:
            height, width = radiograph.values.shape
            self.camera.set_page(Page(width, height, radiograph.facts.pixel_aspect), keep_view)
        self.loupe_hidden(False)
        self._camera_moved()
        self.gestures.update_cursor()

    def set_look(self, look: Look) -> None:
        self.look = look
        if self.radiograph is not None:
            table = lookup_table(self.radiograph.facts.chain, look)
            self.picture.set_table(table)
            self.loupe.set_table(table)

    def set_boxes(self, boxes: Sequence[ShownBox]) -> None:
        """A box that is being dragged stays under the pointer, unless it is gone."""
        self.box_layer.set_boxes(boxes)
        self.gestures.boxes_changed()

    def set_locked(self, locked: bool) -> None:
        """Locked: boxes can be looked at and picked; a drag pans."""
        self.gestures.give_up()
        self.locked = locked
        self.box_layer.show_handles(not locked)
        self.gestures.update_cursor()

    def set_smooth(self, smooth: bool) -> None:
        """Above 1:1, whether pixels are smoothed or shown as squares; below it all are filtered always."""
        self._smooth = smooth
        self._camera_moved()

    def set_loupe(self, on: bool) -> None:
        self._loupe_on = on
        self.loupe_hidden(False)

    def set_loupe_magnification(self, least: float) -> None:
        """Screen pixels per image pixel; twice the picture's own where that is more."""
        self.loupe.set_magnification(least)

    def loupe_hidden(self, hidden: bool) -> None:
        """Out of the way while something is dragged."""
        self.loupe.setVisible(self._loupe_on and not hidden and self.radiograph is not None)

    def nudge(self, key: BoxKey, dx: float, dy: float, resize: bool = False) -> None:
        """Moves a box by image pixels, or its right and lower edges; right and down as seen on the screen."""
        shown = next((s for s in self.box_layer.boxes if s.key == key), None)
        if shown is None or self.locked or not shown.editable:
            return
        towards, edges = self.projection.image_direction(1, 0), self.projection.image_direction(0, 1)
        x, y = dx * towards[0] + dy * edges[0], dx * towards[1] + dy * edges[1]
        if resize:
            handle = (towards[0] + edges[0], towards[1] + edges[1])
            box = resized(shown.box, handle, x, y, *self.image_size)
        else:
            box = moved(shown.box, x, y, *self.image_size)
        if box != shown.box:
            self.box_layer.preview(key, box)
            self.box_layer.settle(keep=True)
            self.box_changed.emit(key, box, Action.NUDGE)

    def image_to_widget(self, point: Point) -> QPointF:
        return QPointF(*self.projection.to_widget(point))

    def widget_to_image(self, at: QPointF) -> Point:
        return self.projection.to_image(at.x(), at.y())

    def pointer_at(self, at: QPointF | None) -> None:
        """The pointer is here (widget pixels), or has left."""
        if at is None or self.radiograph is None:
            self.cursor_moved.emit(None)
            return
        self.loupe.follow(at)
        x, y = self.widget_to_image(at)
        width, height = self.image_size
        self.cursor_moved.emit((x, y) if 0 <= x < width and 0 <= y < height else None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self._built and not self.closed:  # closed: pyqtgraph has taken the scene down
            self._measure()

    def event(self, event: QEvent) -> bool:
        if self._built and self.gestures.on_view(event):
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()
        return bool(super().event(event))

    def viewportEvent(self, event: QEvent) -> bool:
        if self._built and self.gestures.on_viewport(event):
            return True
        return bool(super().viewportEvent(event))

    def _measure(self) -> None:
        size, ratio = self.viewport().size(), self.viewport().devicePixelRatioF()
        width, height = round(size.width() * ratio), round(size.height() * ratio)
        self.overlay.set_extent(QRectF(0, 0, size.width(), size.height()))
        self.camera.set_viewport(Viewport(width, height, ratio))

    def _camera_moved(self) -> None:
        state, seen = self.view_state, self.projection
        extent = self.overlay.boundingRect()
        self.picture.look_at(self._pyramid, self._smooth, state, seen, self.camera.viewport)
        self.heat.look_at(seen, extent)
        self.box_layer.look_at(seen, extent)
        self.loupe.look_at(self._pyramid, state, seen)
        self.view_changed.emit(state)
