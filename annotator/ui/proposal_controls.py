"""Between the review of an image, which knows what is proposed, and what shows it and decides on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal

from annotator.domain.differences import Difference
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding, Mark
from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Hands
from annotator.domain.proposals import Proposal
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.joint_box import ShownBox
from annotator.ui.messages import Messages
from annotator.ui.proposal_boxes import proposal_boxes
from annotator.ui.proposal_menus import ProposalMenus
from annotator.ui.proposal_panel import ProposalPanel
from annotator.ui.proposal_state import PanelWords
from annotator.ui.proposal_words import found_words
from annotator.ui.radiograph_view import RadiographView
from annotator.workflow.proposing import ListRun
from annotator.workflow.sitting import Sitting

THRESHOLD_STEP = 0.05


class ProposalControls(QObject):
    """changed(): boxes, joint sheet and panel are to be shown anew."""

    changed = Signal()

    def __init__(
        self,
        sitting: Sitting,
        view: RadiographView,
        panel: ProposalPanel,
        actions: Actions,
        messages: Messages,
        style: NameStyle,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._sitting, self._desk = sitting, sitting.desk
        self.review, self._deciding = sitting.review, sitting.deciding
        self._view, self._panel = view, panel
        self._actions, self._messages = actions, messages
        self._menus = ProposalMenus(self._desk, self.review, self._deciding, view, actions, self)
        self._words = PanelWords(sitting, actions)
        self._comparing = False
        self.set_style(style)
        panel.threshold_changed.connect(self.review.set_threshold)
        panel.proposal_picked.connect(self.pick)
        panel.joint_picked.connect(self._desk.set_current)
        panel.action_asked.connect(lambda name: actions.action(name).trigger())
        self.review.changed.connect(self.changed)
        self.review.changed.connect(messages.outlived)
        sitting.proposing.changed.connect(self.show)
        sitting.proposing.refused.connect(self._refused)
        sitting.proposing.list_ended.connect(self._list_ended)
        actions.action("proposal_boxes").setChecked(True)
        actions.connect_all(self._slots())

    def set_style(self, style: NameStyle) -> None:
        self.style = self._menus.style = style

    @property
    def differences(self) -> tuple[Difference, ...] | None:
        """Where reader and model differ, while that is what is looked at."""
        return self.review.differences if self._comparing else None

    @property
    def showing(self) -> tuple[object, ...]:
        """All that `boxes` and the panel depend on, but for what runs."""
        review = self.review
        seen = review.standing, review.shown, review.current, review.threshold
        return *seen, review.uncertain_first, self._comparing

    def boxes(self) -> list[ShownBox]:
        """What is proposed, as the radiograph shows it."""
        review = self.review
        beside = [one.proposal for one in self.differences or () if one.proposal is not None]
        return proposal_boxes(review.waiting, beside, review.current, self.style, locked=self._desk.locked)

    def show(self) -> None:
        """The panel and the actions as everything is now."""
        state = self._words.state(self.differences)
        self._panel.show_state(state, self.style)
        for name, possible in (
            ("propose", state.can_run),
            ("propose_all", self._words.can_run_list),
            ("accept_rest", state.can_decide),
            ("next_proposal", bool(state.proposals)),
            ("previous_proposal", bool(state.proposals)),
            ("differences", self.review.run is not None),
        ):
            self._actions.action(name).setEnabled(possible)
        self._actions.action("differences").setChecked(self._comparing)

    def take(self, name: str) -> bool:
        """What an action of the reading does to the current proposal; False where it is no matter of one."""
        done = self._on_current().get(name) if self.review.current is not None else None
        if done is None or self._desk.locked:
            return False
        done()
        return True

    def pick(self, proposal_id: int) -> None:
        proposal = self._find(proposal_id)
        if proposal is not None:
            self.review.choose(proposal)

    def move(self, proposal_id: int, box: Box) -> None:
        """A drag of a proposal accepts it where it was let go."""
        self.pick(proposal_id)
        current = self.review.current
        if current is None or current.id != proposal_id or not self._deciding.accept(box=box):
            self.changed.emit()  # the box goes back to where it was proposed

    def nudge(self, dx: float, dy: float, *, resize: bool) -> bool:
        """The arrow keys on the current proposal; False where there is none."""
        current = self.review.current
        if current is not None and not self._desk.locked:
            self._view.nudge(current.id, dx, dy, resize)
        return current is not None

    def context_menu(self, proposal_id: int, at: QPoint) -> None:
        proposal = self._find(proposal_id)
        if proposal is not None:
            self.review.choose(proposal)
            self._menus.context_menu(proposal, at)

    def _find(self, proposal_id: int) -> Proposal | None:
        return next((p for p in self.review.waiting if p.id == proposal_id), None)

    def _on_current(self) -> dict[str, Callable[[], object]]:
        deciding = self._deciding
        return {
            **{finding.value: partial(deciding.toggle, finding) for finding in Finding},
            "normal": partial(deciding.accept, marks=()),
            "probable": self._accept_as_probable,
            "confirm": deciding.accept_and_go_on,
            "place_box": deciding.accept,
            "delete_box": deciding.reject,
            "rename": self._menus.ask_name,
        }

    def _accept_as_probable(self) -> None:
        current = self.review.current
        if current is None:
            return
        if not current.marks:
            self._messages.warn(
                KnuckleError(
                    self.tr("No finding is proposed that could be probable."),
                    self.tr("Press the key of a finding first."),
                )
            )
            return
        marks = tuple(Mark(mark.finding, Certainty.PROBABLE) for mark in current.marks)
        self._deciding.accept(marks=marks)

    def _slots(self) -> dict[str, Callable[..., object]]:
        review = self.review
        return {
            "propose": lambda _=False: self._propose(),
            "propose_all": lambda _=False: self._propose_all(),
            "accept_rest": lambda _=False: self._accept_rest(),
            "next_proposal": lambda _=False: review.step(1),
            "previous_proposal": lambda _=False: review.step(-1),
            "proposal_boxes": review.set_shown,
            "least_certain": review.set_uncertain_first,
            "differences": self._compare,
            "higher_threshold": lambda _=False: self._step_threshold(THRESHOLD_STEP),
            "lower_threshold": lambda _=False: self._step_threshold(-THRESHOLD_STEP),
        }

    def _compare(self, on: bool) -> None:
        self._comparing = on
        self.changed.emit()

    def _step_threshold(self, by: float) -> None:
        run = self.review.run
        lowest = run.thresholds.t_conf if run is not None else 0.0
        self.review.set_threshold(min(max(self.review.threshold + by, lowest), 1.0))

    def _propose(self) -> None:
        image = self._desk.image
        if image is not None:
            self._sitting.proposing.ask(image.id)

    def _propose_all(self) -> None:
        self._sitting.proposing.begin_list(self._sitting.study.id)

    def _accept_rest(self) -> None:
        """After one confirmation that says how many, and what findings are among them."""
        rest = self.review.rest
        if not rest:
            self._deciding.accept_rest(rest)  # which says why it cannot be
            return
        question = counted(
            len(rest),
            self.tr(
                "{n} proposal becomes yours as it is: at least {threshold:.2f} sure, every finding assessed, "
                "nothing flagged."
            ),
            self.tr(
                "{n} proposals become yours as they are: at least {threshold:.2f} sure, every finding "
                "assessed, nothing flagged."
            ),
            threshold=self.review.threshold,
        )
        found = [f"{self.style.full(p.joint)}: {found_words(p)}" for p in rest if p.joint and p.marks]
        left = len(self.review.undecided) - len(rest)
        if left:
            question += " " + self.tr("Left to decide one by one: {n}.").format(n=left)
        reading = self._desk.reading
        if reading is not None and reading.facts.hands is Hands.BOTH and not reading.facts.side_confirmed:
            side = self.tr("left") if reading.facts.right_on_left else self.tr("right")
            question += "\n\n" + self.tr(
                "That the right hand is on the {side} of the image is assumed; nobody has confirmed it."
            ).format(side=side)
        if found:
            question += "\n\n" + self.tr("With findings:") + "\n" + "\n".join(found)
        if self._messages.ask(
            self.tr("Accept the rest"), question, self.tr("Accept {n}").format(n=len(rest))
        ):
            self._deciding.accept_rest(rest)

    def _refused(self, _image_id: int, error: KnuckleError) -> None:
        self._messages.warn(error)
        self.show()

    def _list_ended(self, run: ListRun) -> None:
        self.show()
        if run.missed:
            self._messages.warn(self._words.missed(run))
        elif run.job.cancelled:
            self._messages.info(self.tr("Cancelled; images proposed for: {n}.").format(n=run.done))
        elif not run.total:
            self._messages.info(self.tr("The active version has seen every image of the study already."))
        else:
            self._messages.info(self.tr("Images proposed for: {n}.").format(n=run.done))
