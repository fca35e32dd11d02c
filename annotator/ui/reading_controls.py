"""The reader's hands: gestures on the radiograph and the joint sheet become edits, and edits are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Action, Edit
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Hands, Joint
from annotator.ui.actions import Actions
from annotator.ui.joint_box import BoxKey, ShownBox
from annotator.ui.joint_menus import JointMenus
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.joint_words import sides_words
from annotator.ui.messages import Messages
from annotator.ui.proposal_controls import ProposalControls
from annotator.ui.radiograph_view import RadiographView
from annotator.ui.reading_questions import ReadingQuestions
from annotator.ui.theme import DARK, finding_sign
from annotator.workflow import naming
from annotator.workflow.reading import ReadingDesk

JointGesture = Callable[[Reading, Joint], Edit]
NUDGES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
RESIZES = {"narrower_box": (-1, 0), "wider_box": (1, 0), "taller_box": (0, -1), "lower_box": (0, 1)}
FAR = 10


class ReadingControls(QObject):
    """Between the desk, which holds the reading, and the widgets, which show it."""

    def __init__(
        self,
        desk: ReadingDesk,
        view: RadiographView,
        sheet: JointSheet,
        actions: Actions,
        messages: Messages,
        style: NameStyle,
        proposals: ProposalControls,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._view, self._sheet = desk, view, sheet
        self._actions, self._messages, self._proposals = actions, messages, proposals
        self.style = style
        self._menus = JointMenus(desk, view, actions, style, self)
        self._questions = ReadingQuestions(desk, view, messages, style, self)
        self._questions.waiting = lambda: len(proposals.review.undecided)
        self._boxes_shown = True
        self._drawn: tuple[object, ...] = ()
        view.box_drawn.connect(desk.draw)
        view.box_changed.connect(self._box_changed)
        view.box_picked.connect(self._picked)
        view.context_asked.connect(self._context_asked)
        proposals.changed.connect(self.show_reading)
        sheet.joint_picked.connect(self._picked)
        sheet.action_asked.connect(lambda name: actions.action(name).trigger())
        sheet.comment_changed.connect(self._comment)
        desk.changed.connect(self.show_reading)
        desk.current_changed.connect(self._current_changed)
        desk.save_failed.connect(self._save_failed)
        desk.settled.connect(messages.resolve)
        desk.refused.connect(self._refused)
        actions.connect_all(self._slots())

    def show_reading(self, edit: Edit | None = None) -> None:
        """Boxes, joint sheet and actions as the reading is now; edit: what has changed it."""
        if edit is not None:
            self._messages.outlived.emit()
        desk, view = self._desk, self._view
        self._drawn = self._state
        view.set_boxes(self._shown_boxes())
        excluded = desk.reading is not None and bool(desk.reading.facts.excluded)
        view.set_locked(desk.locked or excluded)
        self.show_sheet()
        self._enable()
        self._proposals.show()

    @property
    def _state(self) -> tuple[object, ...]:
        """All that boxes, sheet and panel depend on."""
        desk = self._desk
        return (
            desk.reading,
            desk.current,
            desk.locked,
            self.style,
            self._boxes_shown,
            self._proposals.showing,
        )

    def show_sheet(self) -> None:
        desk, view, review = self._desk, self._view, self._proposals.review
        pyramid = desk.picture.pyramid if desk.picture else None
        self._sheet.set_content(
            desk.radiograph,
            desk.reading,
            view.look,
            desk.current,
            self.style,
            view.view_state.swapped,
            pyramid,
            locked=desk.locked,
            proposals=review.by_joint,
            chosen=review.current,
            rest=len(review.rest),
            rejected=review.standing.rejected(desk.reading) if desk.reading is not None else (),
            sides=self._sides(),
        )

    def _sides(self) -> str:
        reading, state = self._desk.reading, self._view.view_state
        return sides_words(reading.facts, state.mirrored, state.quarter_turns) if reading is not None else ""

    @property
    def hidden_note(self) -> str:
        """That boxes are there and not shown, "" where they are."""
        if self._boxes_shown or self._desk.reading is None:
            return ""
        key = self._actions.key_text("show_boxes")
        return self.tr("Boxes and proposals are hidden; {key} shows them.").format(key=key)

    def set_style(self, style: NameStyle) -> None:
        """Name the joints another way."""
        self.style = self._menus.style = self._questions.style = style
        self._proposals.set_style(style)
        self.show_reading()

    def set_boxes_shown(self, shown: bool) -> None:
        self._boxes_shown = shown
        self._view.set_boxes(self._shown_boxes())

    def _slots(self) -> dict[str, Callable[..., object]]:
        on = self._on_joint
        slots: dict[str, Callable[..., object]] = {
            finding.value: partial(on, partial(gestures.toggle_finding, finding=finding))
            for finding in Finding
        }
        slots |= {
            "normal": partial(on, gestures.set_normal),
            "probable": partial(on, gestures.next_certainty),
            "delete_box": partial(on, gestures.delete),
            "not_assessable": self._menus.ask_why_not_assessable,
            "comment": self._sheet.edit_comment,
            "confirm": self._desk.confirm,
            "rest_normal": self._questions.rest_normal,
            "next_joint": partial(self._desk.step, 1),
            "previous_joint": partial(self._desk.step, -1),
            "place_box": self._place_box,
            "rename": self._menus.ask_name,
            "copy_mirrored": self._copy_mirrored,
            "swap_sides": partial(self._do, gestures.swap_sides),
            "confirm_sides": partial(self._do, gestures.confirm_sides),
            "image_comment": self._questions.image_comment,
            "exclude": self._questions.exclude,
            "undo": self._desk.undo,
            "redo": self._desk.redo,
            "sign": self._questions.sign,
            "reopen": self._questions.reopen,
        }
        for hands in Hands:
            slots[f"hands_{hands.value}"] = partial(self._do, partial(gestures.set_hands, hands=hands))
        for word, (dx, dy) in NUDGES.items():
            slots[f"nudge_{word}"] = partial(self._nudge, dx, dy)
            slots[f"nudge_far_{word}"] = partial(self._nudge, FAR * dx, FAR * dy)
        for name, (dx, dy) in RESIZES.items():
            slots[name] = partial(self._nudge, dx, dy, resize=True)
        return {name: self._slot(name, slot) for name, slot in slots.items()}

    def _slot(self, name: str, slot: Callable[..., object]) -> Callable[..., object]:
        """Of an action, which hands over whether it is checked: a gesture does not want it. It means the
        current proposal, where there is one."""
        return lambda *_checked: self._proposals.take(name) or slot()

    def _do(self, gesture: Callable[[Reading], Edit]) -> bool:
        done = self._desk.perform(gesture)
        self._enable()  # an action that is on or off shows what is so, not that it was asked for
        return done

    def _refused(self, error: KnuckleError) -> None:
        """What a drag or a key has changed on the screen goes back to what is stored."""
        self.show_reading()
        self._messages.warn(error)

    def _on_joint(self, gesture: JointGesture) -> bool:
        """A gesture on the current joint; nothing where none is chosen."""
        joint = self._desk.current
        return joint is not None and self._desk.perform(lambda reading: gesture(reading, joint))

    def _box_changed(self, key: BoxKey, box: Box, action: Action) -> None:
        if isinstance(key, Joint):
            self._desk.perform(lambda reading: gestures.set_box(reading, key, box, action))
            self._desk.set_current(key)
        else:
            self._proposals.move(key, box)

    def _picked(self, key: BoxKey | None) -> None:
        if isinstance(key, Joint):
            self._desk.set_current(key)
        elif key is not None:
            self._proposals.pick(key)

    def _context_asked(self, key: BoxKey | None, at: QPoint) -> None:
        if isinstance(key, int):
            self._proposals.context_menu(key, at)
        else:
            self._menus.context_menu(key, at)

    def _comment(self, joint: Joint, text: str) -> None:
        self._desk.perform(lambda reading: gestures.comment_joint(reading, joint, text))

    def _nudge(self, dx: float, dy: float, *, resize: bool = False) -> None:
        if not self._proposals.nudge(dx, dy, resize=resize) and self._desk.current is not None:
            self._view.nudge(self._desk.current, dx, dy, resize)

    def _place_box(self) -> None:
        desk, joint = self._desk, self._desk.current
        if joint is None or desk.reading is None or desk.picture is None:
            return
        if desk.reading.of(joint).box is None:
            sheet = desk.picture.sheet(desk.reading.facts)
            desk.draw(naming.expected_box(joint, desk.reading, sheet), joint)
        else:
            desk.refused.emit(KnuckleError(f"{joint} has a box already.", "The arrow keys move it."))

    def _copy_mirrored(self) -> None:
        desk, joint = self._desk, self._desk.current
        if joint is None or desk.reading is None or desk.picture is None:
            return
        if joint not in desk.reading.boxes:
            desk.refused.emit(KnuckleError(f"{joint} has no box yet.", "Draw one, then copy it."))
            return
        box = naming.mirrored_box(joint, desk.reading, desk.picture.sheet(desk.reading.facts))
        if desk.perform(lambda reading: gestures.copy_mirrored(reading, joint, box)):
            desk.set_current(joint.mirrored)

    def _current_changed(self, joint: Joint | None) -> None:
        chosen = self._proposals.review.current
        if self._state != self._drawn:
            self._drawn = self._state
            self._view.set_boxes(self._shown_boxes())
            self._sheet.set_current(joint, chosen)
            self._enable()
            self._proposals.show()
        box = chosen.box if chosen is not None else None
        if self._desk.reading is not None and joint is not None:
            box = self._desk.reading.boxes.get(joint, box)
        if box is not None and not self._view.rect().contains(
            self._view.image_to_widget(box.centre).toPoint()
        ):
            self._view.centre_on(box)

    def _save_failed(self, error: KnuckleError) -> None:
        self.show_reading()
        self._messages.fail(error)

    def _shown_boxes(self) -> list[ShownBox]:
        reading = self._desk.reading
        if reading is None or not self._boxes_shown:
            return []
        shown = []
        for joint, box in reading.boxes.items():
            sign, colour = finding_sign(reading.of(joint), DARK)
            label, current = f"{self.style.full(joint)} {sign}", joint == self._desk.current
            shown.append(ShownBox(joint, box, label, colour, current=current, editable=not self._desk.locked))
        return shown + self._proposals.boxes()

    def _enable(self) -> None:
        """Only what can be done now is enabled; what is refused for a reason stays, and says why."""
        reading, desk = self._desk.reading, self._desk
        open_, free = reading is not None, not desk.locked
        for name in self._slots():
            self._actions.action(name).setEnabled(open_ and free)
        self._actions.action("sign").setEnabled(open_ and free)
        self._actions.action("reopen").setEnabled(reading is not None and reading.signed)
        for name in ("next_joint", "previous_joint"):
            self._actions.action(name).setEnabled(open_)
        self._actions.action("undo").setEnabled(free and (desk.unsaved or desk.history.next_undo is not None))
        self._actions.action("redo").setEnabled(free and desk.history.next_redo is not None)
        for hands in Hands:
            chosen = reading is not None and reading.facts.hands is hands
            self._actions.action(f"hands_{hands.value}").setChecked(chosen)
