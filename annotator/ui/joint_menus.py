"""Menus over the radiograph: why a joint is not assessable, which joint a box is, what can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from annotator.domain import gestures
from annotator.domain.edits import Edit
from annotator.domain.findings import NotAssessable
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Joint, expected_joints
from annotator.ui.actions import Actions
from annotator.ui.joint_words import reason_word
from annotator.ui.radiograph_view import RadiographView
from annotator.workflow.reading import ReadingDesk


class JointMenus(QObject):
    """Each menu closes with a choice or Escape; every choice is a gesture on the desk."""

    def __init__(
        self, desk: ReadingDesk, view: RadiographView, actions: Actions, style: NameStyle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk, self._view, self._actions, self.style = desk, view, actions, style

    def ask_why_not_assessable(self) -> None:
        reading, joint = self._desk.reading, self._desk.current
        if reading is None or joint is None:
            return
        menu = QMenu(self._view)
        for number, reason in enumerate(NotAssessable, 1):
            self._add(menu, f"&{number}  {reason_word(reason)}", gestures.set_not_assessable, joint, reason)
        if reading.of(joint).not_assessable:
            self._add(menu, self.tr("&0  assessable again"), gestures.set_not_assessable, joint, None)
        self._pop_up(menu, joint)

    def ask_name(self) -> None:
        joint = self._desk.current
        if joint is not None and self._desk.reading is not None and joint in self._desk.reading.boxes:
            menu = QMenu(self._view)
            self._add_names(menu, joint)
            self._pop_up(menu, joint)

    def _add_names(self, menu: QMenu, joint: Joint) -> None:
        """A menu of all names on the image for each hand; boxed ones change places."""
        reading = self._desk.reading
        if reading is None:
            return
        titles = {"R": self.tr("&Right hand"), "L": self.tr("&Left hand")}
        for side in reading.facts.hands.sides:
            names = menu.addMenu(titles[side.value])
            for to in expected_joints(reading.facts.hands):
                if to.side is side and to != joint:
                    taken = self.tr("  (change places)") if to in reading.boxes else ""
                    self._add(names, self.style.short(to) + taken, gestures.rename, joint, to)

    def _add(self, menu: QMenu, text: str, gesture: Callable[..., Edit], joint: Joint, value: object) -> None:
        """An item that makes the gesture; the joint stays the current one, under its new name."""
        after = value if isinstance(value, Joint) else joint

        def chosen() -> None:
            if self._desk.perform(lambda reading: gesture(reading, joint, value)):
                self._desk.set_current(after)

        menu.addAction(text, chosen)

    def _pop_up(self, menu: QMenu, joint: Joint) -> None:
        """Beside the joint's box, or at the pointer; closes and goes with a choice or Escape."""
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box = self._desk.reading.boxes.get(joint) if self._desk.reading else None
        corner = self._view.image_to_widget((box.x1, box.y0)).toPoint() if box else None
        inside = corner is not None and self._view.rect().contains(corner)
        menu.popup(self._view.mapToGlobal(corner) if corner and inside else QCursor.pos())

    def context_menu(self, joint: Joint | None, at: QPoint) -> None:
        """What can be done here, with its keys: the same actions as in the menus."""
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if joint is not None:
            self._desk.set_current(joint)
            names = [finding.value for finding in joint.findings]
            for name in (*names, "normal", "not_assessable", "probable", "comment"):
                menu.addAction(self._actions.action(name))
            menu.addSeparator()
            self._add_names(menu.addMenu(self.tr("Change name")), joint)
            for name in ("copy_mirrored", "delete_box"):
                menu.addAction(self._actions.action(name))
        else:
            for name in (
                "fit",
                "one_to_one",
                "next_preset",
                "invert",
                "swap_sides",
                "image_comment",
                "exclude",
            ):
                menu.addAction(self._actions.action(name))
        menu.popup(at)
