"""How the radiograph is looked at: window and level, presets, zoom, turning, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from annotator.domain.annotations import ReadingState
from annotator.domain.geometry import Point
from annotator.domain.images import Image
from annotator.imaging.display import (
    Look,
    carried_over,
    default_look,
    presets,
    window_of,
    window_source,
    without_lut,
)
from annotator.imaging.radiograph import Radiograph
from annotator.ui.actions import Actions
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.joint_words import sides_words
from annotator.ui.look_words import look_words, spacing_words
from annotator.ui.messages import Messages
from annotator.ui.place import Place
from annotator.ui.radiograph_view import RadiographView
from annotator.ui.status_bar import StatusBar
from annotator.workflow.sitting import Sitting

ZOOM_STEP, WINDOW_STEP, PAN_STEP = 1.25, 1.15, 80


class ViewControls(QObject):
    """Keeps zoom and window from image to image. turned(): left and right or up and down are others now."""

    turned = Signal()

    def __init__(
        self,
        sitting: Sitting,
        view: RadiographView,
        sheet: JointSheet,
        status: StatusBar,
        actions: Actions,
        messages: Messages,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._sitting, self._desk = sitting, sitting.desk
        self._view, self._sheet = view, sheet
        self._status, self._actions, self._messages = status, actions, messages
        self.caption: Callable[[], str] = str
        """What lies over the picture, "" where nothing does."""
        self._keep = False
        self._left: Place | None = None
        view.look_changed.connect(self._look_changed)
        view.view_changed.connect(lambda _state: self.describe())
        view.cursor_moved.connect(self._cursor_moved)
        self._desk.settled.connect(self._show_saved)
        actions.connect_all(self._slots())

    def come_back_to(self, place: Place) -> None:
        """Look at this place's image as it was left, if it is the next one on the desk; at no other."""
        self._left = place

    def show_image(self) -> None:
        """The image on the desk, as the last one was looked at; the first one fitted, by its own window."""
        radiograph, view = self._desk.radiograph, self._view
        self._show_saved()
        if radiograph is None:
            view.show_radiograph(None, Look(), keep_view=True)
            view.set_corner_texts([], [])
            return
        left = self._left_here()
        look = self._look_for(radiograph, left)
        view.show_radiograph(
            radiograph,
            look,
            keep_view=self._keep,
            pyramid=self._desk.picture.pyramid if self._desk.picture else None,
        )
        if left is not None:
            view.set_view_state(left.view)
        self._keep = True
        self._look_changed(look)

    def _look_for(self, radiograph: Radiograph, left: Place | None) -> Look:
        """What the reader has set is kept; what came from the last image's file comes from this one's."""
        chain, values, before = radiograph.facts.chain, radiograph.values, self._view.radiograph
        if left is not None:
            return carried_over(chain, left.look, values)
        if not self._keep:
            return default_look(chain, values)
        look = self._view.look
        if before is not None:
            if _same(default_look(before.facts.chain, before.values), look):
                return replace(default_look(chain, values), inverted=look.inverted)
            old = presets(before.facts.chain, before.values)
            kind = next((name for name, preset in old if _same(preset, look)), None)
            same = next((preset for name, preset in presets(chain, values) if name == kind), None)
            if same is not None:
                return replace(same, inverted=look.inverted)
        return carried_over(chain, look, values)

    def _left_here(self) -> Place | None:
        """The place of the last sitting, where it is at the image on the desk; asked for once."""
        left, self._left = self._left, None
        image = self._desk.image
        return left if left is not None and image is not None and image.id == left.image_id else None

    def _show_saved(self) -> None:
        self._status.set_saved(self._desk.saved_at)

    def describe(self) -> None:
        """What stands in the corners of the picture and in the status bar."""
        radiograph, image = self._desk.radiograph, self._desk.image
        zoom = self.tr("zoom {percent} %").format(percent=round(100 * self._view.view_state.zoom))
        if radiograph is None or image is None:
            self._status.set_view("", "")
            return
        window = self._window_text(radiograph)
        self._status.set_view(zoom, window)
        self._view.set_corner_texts(self._image_lines(radiograph, image), [zoom, window, self._sides_text()])
        self._view.set_banner(self._banner())
        self._actions.action("invert").setChecked(self._view.look.inverted)
        self._actions.action("voi_lut").setChecked(self._view.look.voi_lut is not None)
        self._actions.action("voi_lut").setEnabled(bool(radiograph.facts.chain.voi_luts))
        self._actions.action("mirror").setChecked(self._view.view_state.mirrored)

    def _slots(self) -> dict[str, Callable[..., object]]:
        view = self._view
        return {
            "fit": lambda _=False: view.fit(),
            "one_to_one": lambda _=False: view.one_to_one(),
            "zoom_in": lambda _=False: view.zoom_by(ZOOM_STEP),
            "zoom_out": lambda _=False: view.zoom_by(1 / ZOOM_STEP),
            "pan_left": lambda _=False: view.pan_by(PAN_STEP, 0),
            "pan_right": lambda _=False: view.pan_by(-PAN_STEP, 0),
            "pan_up": lambda _=False: view.pan_by(0, PAN_STEP),
            "pan_down": lambda _=False: view.pan_by(0, -PAN_STEP),
            "reset_view": lambda _=False: self._reset(),
            "rotate_right": lambda _=False: self._turn(1),
            "rotate_left": lambda _=False: self._turn(-1),
            "mirror": lambda _=False: self._mirror(),
            "loupe": view.set_loupe,
            "invert": lambda _=False: self._set_look(replace(view.look, inverted=not view.look.inverted)),
            "voi_lut": self._switch_lut,
            "next_preset": lambda _=False: self._step_preset(1),
            "previous_preset": lambda _=False: self._step_preset(-1),
            "narrower": lambda _=False: self._change_window(0, 1 / WINDOW_STEP),
            "wider": lambda _=False: self._change_window(0, WINDOW_STEP),
            "darker": lambda _=False: self._change_window(0.05, 1),
            "brighter": lambda _=False: self._change_window(-0.05, 1),
        }

    def _set_look(self, look: Look) -> None:
        if self._view.radiograph is not None:
            self._view.set_look(look)
            self._look_changed(look)

    def _look_changed(self, look: Look) -> None:
        self._sheet.set_look(look)
        self.describe()

    def _change_window(self, shift: float, factor: float) -> None:
        """shift: of the centre, in window widths."""
        radiograph = self._view.radiograph
        if radiograph is None:
            return
        old = window_of(radiograph.facts.chain, self._view.look)
        bright = -1 if radiograph.facts.chain.inverted != self._view.look.inverted else 1
        window = old.moved_to(old.centre + bright * shift * old.width, max(old.width * factor, 1.0))
        self._set_look(Look(window=window, inverted=self._view.look.inverted))

    def _step_preset(self, by: int) -> None:
        radiograph = self._view.radiograph
        if radiograph is None:
            return
        look, chain = self._view.look, radiograph.facts.chain
        choices = presets(chain, radiograph.values)
        plain = replace(look, inverted=False)
        now = next((i for i, (_, preset) in enumerate(choices) if _same(preset, plain)), -1 if by > 0 else 0)
        name, chosen = choices[(now + by) % len(choices)]
        self._set_look(replace(chosen, inverted=look.inverted))
        self._messages.info(self.tr("Window: {name}").format(name=look_words(name)))

    def _switch_lut(self, on: bool) -> None:
        radiograph = self._view.radiograph
        if radiograph is None:
            return
        chain, look = radiograph.facts.chain, self._view.look
        self._set_look(replace(look, voi_lut=0) if on else without_lut(chain, look, radiograph.values))

    def _reset(self) -> None:
        radiograph = self._view.radiograph
        if radiograph is not None:
            self._view.reset()
            self._set_look(default_look(radiograph.facts.chain, radiograph.values))
            self.turned.emit()

    def _turn(self, quarter_turns: int) -> None:
        self._view.rotate(quarter_turns)
        self.turned.emit()

    def _mirror(self) -> None:
        self._view.mirror()
        self.turned.emit()

    def _cursor_moved(self, at: Point | None) -> None:
        radiograph = self._view.radiograph
        value = radiograph.stored_at(*at) if radiograph is not None and at is not None else None
        self._status.set_cursor(at, value)

    def _window_text(self, radiograph: Radiograph) -> str:
        chain, look = radiograph.facts.chain, self._view.look
        window, source = window_of(chain, look), look_words(window_source(chain, look))
        inverted = self.tr(", inverted") if look.inverted else ""
        return self.tr("window {centre:.0f} / {width:.0f} ({source}{inverted})").format(
            centre=window.centre, width=window.width, source=source, inverted=inverted
        )

    def _image_lines(self, radiograph: Radiograph, image: Image) -> list[str]:
        facts, day = radiograph.facts, image.file.study_date or image.file.acquisition_date
        lines = [self.tr("{code} · visit {n}").format(code=image.patient_code, n=image.visit)]
        lines[0] += f" · {day.isoformat()}" if day else ""
        view = f"{facts.view} · " if facts.view else ""
        lines.append(f"{view}{facts.columns} × {facts.rows} · {facts.bits_stored} bit")
        if facts.spacing is not None:
            lines.append(f"{facts.spacing.column_mm:g} mm · {spacing_words(facts.spacing.source)}")
        else:
            lines.append(self.tr("no pixel spacing in the file"))
        if self._desk.reading is not None and self._desk.reading.facts.comment:
            comment = self._desk.reading.facts.comment.splitlines()[0][:60]
            lines.append(self.tr("comment: {text}").format(text=comment))
        return lines

    def _sides_text(self) -> str:
        reading, state = self._desk.reading, self._view.view_state
        return sides_words(reading.facts, state.mirrored, state.quarter_turns) if reading else ""

    def _banner(self) -> str | None:
        reading = self._desk.reading
        if self._sitting.file_lost:
            return self.tr("The file of this image has vanished or changed; what you see was read before.")
        if reading is None:
            return None
        if reading.facts.excluded:
            return self.tr("Excluded: {reason}").format(reason=reading.facts.excluded)
        if caption := self.caption():
            return caption
        if reading.state is ReadingState.SIGNED:
            return self.tr("Signed and locked. Reopening needs a reason.")
        return None


def _same(a: Look, b: Look) -> bool:
    """The same way to grey, whatever window waits behind a VOI LUT."""
    if a.voi_lut is not None or b.voi_lut is not None:
        return a.voi_lut == b.voi_lut
    return a.window == b.window
