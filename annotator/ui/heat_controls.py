"""The heat map of the chosen joint: off until it is asked for, and never before proposals may be seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.ui.actions import Actions
from annotator.ui.joint_words import finding_word
from annotator.ui.messages import Messages
from annotator.ui.radiograph_view import Heat, RadiographView
from annotator.workflow.detection import HEAT_LAYERS, HeatMap
from annotator.workflow.heat_maps import HeatAsked
from annotator.workflow.sitting import Sitting

OPACITY, OPACITY_STEP = 0.5, 0.1
FINDINGS = (Finding.ANKYLOSIS, Finding.SUBLUXATION)
"""One for each detector; to the second, dislocation and subluxation are one."""


class HeatControls(QObject):
    """Shows the heat map of the current joint's box, as long as it is switched on.

    changed(): `caption` is another.
    """

    changed = Signal()

    def __init__(
        self, sitting: Sitting, view: RadiographView, actions: Actions, messages: Messages, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sitting, self._desk = sitting, sitting.desk
        self._view, self._actions, self._messages = view, actions, messages
        self._on = False
        self._finding: Finding | None = None
        self._layer, self._opacity = HEAT_LAYERS[0], OPACITY
        self._shown: tuple[HeatAsked, HeatMap] | None = None
        sitting.heat_maps.ready.connect(self._ready)
        sitting.heat_maps.failed.connect(self._failed)
        sitting.heat_maps.cancelled.connect(lambda _asked: self._switch(on=False))
        self._desk.opened.connect(self._refresh)
        self._desk.current_changed.connect(lambda _joint: self._refresh())
        self._desk.changed.connect(lambda _edit: self._refresh())
        sitting.review.changed.connect(self._refresh)
        actions.connect_all(self._slots())
        self._show_state()

    @property
    def caption(self) -> str:
        """What the heat map on the screen is of, "" where there is none."""
        if self._shown is None:
            return ""
        _, heat = self._shown
        finding = finding_word(heat.finding)
        said = finding if heat.present else self.tr("no {finding}").format(finding=finding)
        if heat.empty:
            text = self.tr("Heat map: at layer {layer} nothing in the frame speaks for {said}")
        else:
            text = self.tr("Heat map: what in the frame speaks for {said} · layer {layer} · {opacity} %")
        return text.format(said=said, layer=heat.layer, opacity=round(100 * self._opacity))

    def _slots(self) -> dict[str, Callable[..., object]]:
        return {
            "heat_map": self._switch,
            "heat_finding": lambda _=False: self._other_finding(),
            "heat_layer": lambda _=False: self._next_layer(),
            "stronger_heat": lambda _=False: self._fade(OPACITY_STEP),
            "weaker_heat": lambda _=False: self._fade(-OPACITY_STEP),
        }

    def _switch(self, on: bool) -> None:
        self._on, self._finding, self._layer = on, None, HEAT_LAYERS[0]
        problem = self._why_not() if on else None
        if problem is not None:
            self._on = False
            self._messages.warn(problem)
        self._show_state()
        self._refresh()

    def _show_state(self) -> None:
        self._actions.action("heat_map").setChecked(self._on)
        for name in ("heat_finding", "heat_layer", "stronger_heat", "weaker_heat"):
            self._actions.action(name).setEnabled(self._on)

    def _why_not(self) -> KnuckleError | None:
        """Nothing of what the model sees is shown before its proposals are."""
        review, run = self._sitting.review, self._sitting.review.run
        if review.standing.hidden:
            return KnuckleError(
                self.tr("This study shows what the model sees later."), self.tr("The heat map comes with it.")
            )
        if run is None:
            return KnuckleError(
                self.tr("A heat map explains proposals, and none are shown."),
                self.tr("Have them made or shown first (Proposals)."),
            )
        if self._active != run.version_id:
            return KnuckleError(
                self.tr("The version that proposed this is not active any more."),
                self.tr("Have the active one look at the image first, or activate the other."),
            )
        if self._box() is None:
            return KnuckleError(
                self.tr("No joint with a box is chosen."), self.tr("Choose one, or a proposal.")
            )
        return None

    @property
    def _active(self) -> int | None:
        version = self._sitting.proposing.version
        return version.id if version is not None else None

    def _box(self) -> Box | None:
        """Of the current joint, else of the current proposal."""
        reading, joint = self._desk.reading, self._desk.current
        own = reading.boxes.get(joint) if reading is not None and joint is not None else None
        current = self._sitting.review.current
        return own or (current.box if current is not None else None)

    def _refresh(self) -> None:
        """Another joint, box or image: its own heat map, or none."""
        image, radiograph, box = self._desk.image, self._desk.radiograph, self._box()
        run = self._sitting.review.run
        wanted = self._on and run is not None and run.version_id == self._active
        if not wanted or run is None or image is None or radiograph is None or box is None:
            self._sitting.heat_maps.give_up()
            self._clear()
            return
        asked = HeatAsked(run.version_id, image.id, box, self._judged(), self._layer)
        if self._shown is None or self._shown[0] != asked:
            self._clear()
            self._sitting.heat_maps.ask(asked, radiograph)

    def _judged(self) -> Finding:
        """The finding that was chosen, else one that is said of the current joint or proposed for it."""
        joint = self._desk.current
        judged = joint.findings if joint is not None else FINDINGS
        wanted = self._finding or self._said()
        return wanted if wanted in judged else Finding.ANKYLOSIS

    def _said(self) -> Finding:
        reading, joint, current = self._desk.reading, self._desk.current, self._sitting.review.current
        said = reading.of(joint) if reading is not None and joint is not None else None
        own = said.marks if said is not None and said.box is not None else ()
        marks = own or (current.marks if current is not None else ())
        displaced = marks and all(mark.finding is not Finding.ANKYLOSIS for mark in marks)
        return Finding.SUBLUXATION if displaced else Finding.ANKYLOSIS

    def _other_finding(self) -> None:
        self._finding = FINDINGS[1 - FINDINGS.index(self._judged())]
        self._refresh()

    def _next_layer(self) -> None:
        self._layer = HEAT_LAYERS[(HEAT_LAYERS.index(self._layer) + 1) % len(HEAT_LAYERS)]
        self._refresh()

    def _fade(self, by: float) -> None:
        self._opacity = round(min(max(self._opacity + by, 0.1), 1.0), 2)
        self._show()

    def _ready(self, asked: HeatAsked, heat: HeatMap) -> None:
        self._shown = asked, heat
        self._show()

    def _failed(self, _asked: HeatAsked, error: KnuckleError) -> None:
        self._on = False
        self._show_state()
        self._clear()
        self._messages.warn(error)

    def _show(self) -> None:
        if self._shown is not None:
            heat = self._shown[1]
            self._view.set_heat(Heat(heat.values, heat.corner, self._opacity))
            self.changed.emit()

    def _clear(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._view.set_heat(None)
            self.changed.emit()
