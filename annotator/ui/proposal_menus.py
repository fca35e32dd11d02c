"""Menus on a proposal: what can be decided, and under which other name it can be accepted."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from annotator.domain.findings import Finding
from annotator.domain.joint_names import NameStyle
from annotator.domain.proposals import Proposal
from annotator.ui.actions import Actions
from annotator.ui.radiograph_view import RadiographView
from annotator.workflow.deciding import Deciding
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.reviewing import Review


class ProposalMenus(QObject):
    """Each closes with a choice or Escape."""

    def __init__(
        self,
        desk: ReadingDesk,
        review: Review,
        deciding: Deciding,
        view: RadiographView,
        actions: Actions,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._review, self._deciding = desk, review, deciding
        self._view, self._actions = view, actions
        self.style = NameStyle()

    def ask_name(self) -> None:
        """Under which name the current one is accepted."""
        current = self._review.current
        if current is not None:
            menu = QMenu(self._view)
            self._add_names(menu, current)
            corner = self._view.image_to_widget((current.box.x1, current.box.y0)).toPoint()
            inside = self._view.rect().contains(corner)
            self._pop_up(menu, self._view.mapToGlobal(corner) if inside else QCursor.pos())

    def context_menu(self, proposal: Proposal, at: QPoint) -> None:
        """What can be done with it, with its keys."""
        menu = QMenu(self._view)
        findings = proposal.joint.findings if proposal.joint is not None else tuple(Finding)
        if proposal.joint is not None:
            menu.addAction(self._actions.action("confirm"))
            for name in (*(finding.value for finding in findings), "normal", "not_assessable"):
                menu.addAction(self._actions.action(name))
        self._add_names(menu.addMenu(self.tr("Accept as")), proposal)
        menu.addSeparator()
        for name in ("delete_box", "heat_map", "accept_rest"):
            menu.addAction(self._actions.action(name))
        self._pop_up(menu, at)

    def _add_names(self, menu: QMenu, proposal: Proposal) -> None:
        """The joints of the image that have no box yet, hand by hand."""
        reading = self._desk.reading
        if reading is None:
            return
        titles = {"R": self.tr("&Right hand"), "L": self.tr("&Left hand")}
        free = [joint for joint in reading.missing_boxes if joint != proposal.joint]
        for side in reading.facts.hands.sides:
            names = menu.addMenu(titles[side.value])
            for joint in (joint for joint in free if joint.side is side):
                names.addAction(self.style.short(joint), partial(self._deciding.accept_as, joint))
            names.setEnabled(not names.isEmpty())

    def _pop_up(self, menu: QMenu, at: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
