"""What the worklist says of the order it has, with the way to a new one and to the list that is exported."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from annotator.domain.queue_order import QueueOrder
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.messages import sentences
from annotator.ui.queue_words import all_kept_back, being_made, nothing_queued
from annotator.ui.sheet_header import set_tone
from annotator.workflow.ordering import Ordering


class OrderNote(QWidget):
    """Seen where the worklist has the order of a queue, or was to have it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.text = QLabel()
        self.anew, self.export = QPushButton(), QPushButton()
        self._arrange()
        self.anew.clicked.connect(actions.action("order_anew").trigger)
        self.export.clicked.connect(actions.action("queue").trigger)
        actions.keys_changed.connect(self._show_keys)
        self._show_keys()
        self.hide()

    def show_state(self, ordering: Ordering, order: QueueOrder | None) -> None:
        """order: the one that the list has."""
        failed, tone = ordering.error, "muted"
        if failed is not None:
            text, tone = "⚠ " + " ".join(sentences(failed)), "danger"
        elif ordering.asked is not None:
            text = being_made()
        else:
            text = self._of(order) if order is not None else ""
            if ordering.outdated:
                text += " " + self.tr("Something has changed since.")
        self.text.setText(text)
        set_tone(self.text, tone)
        self._actions.action("order_anew").setEnabled(ordering.chosen is not None)
        self.anew.setEnabled(ordering.chosen is not None)
        self.setVisible(bool(text))

    def _of(self, order: QueueOrder) -> str:
        if not order.items:
            return f"{nothing_queued(order.by)} {self.tr('The order is by patient.')}"
        if not order.placed:
            return all_kept_back()
        text = counted(
            order.placed,
            self.tr("{n} image comes first; any others follow by patient."),
            self.tr("{n} images come first; any others follow by patient."),
        )
        if order.kept_back:
            more = self.tr("Of {n} the study does not tell their place yet.")
            text += " " + more.format(n=f"{order.kept_back:,}")
        return text

    def _show_keys(self) -> None:
        for button, name, word in (
            (self.anew, "order_anew", self.tr("Anew")),
            (self.export, "queue", self.tr("Export…")),
        ):
            button.setText(f"{word}  {self._actions.key_text(name)}".rstrip())
        self.anew.setToolTip(self.tr("Put the list in order anew"))
        self.export.setToolTip(self.tr("The images of this order as a list, to be exported"))

    def _arrange(self) -> None:
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setProperty("size", "small")
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.anew)
        row.addWidget(self.export)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self.text)
        whole.addLayout(row)
