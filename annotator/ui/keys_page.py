"""The reader's own keys: each action, its keys, and changing them by pressing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.action_table import ENTRIES, Group
from annotator.ui.actions import BY_NAME, cap_text, conflicts, sequences_of, translated
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.key_field import KeyField
from annotator.ui.sheet_header import set_tone
from annotator.ui.text_field import TextField

_NAME = Qt.ItemDataRole.UserRole
_PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeysPage(QWidget):
    """changed(dict): the keys that are not the default, as Settings.keys holds them.

    A key that another action has is refused, and that action is named.
    """

    changed = Signal(object)

    def __init__(self, own: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own = {name: keys for name, keys in own.items() if name in BY_NAME}
        self._adding = False
        self.search = TextField(self.tr("Search an action or a key"))
        self.table = QTreeWidget()
        self.field = KeyField()
        self.note = QLabel()
        self.buttons = {
            "change": QPushButton(self.tr("&Change…")),
            "add": QPushButton(self.tr("&Add another…")),
            "remove": QPushButton(self.tr("&No key")),
            "reset": QPushButton(self.tr("&Reset")),
            "reset_all": QPushButton(self.tr("Reset a&ll")),
        }
        self._fill()
        self._arrange()
        self._connect()
        self._show()

    @property
    def own(self) -> dict[str, str]:
        return dict(self._own)

    def choose(self, name: str) -> None:
        """Put the table on this action."""
        self.table.setCurrentItem(self._items[name])

    def _chosen(self) -> str | None:
        item = self.table.currentItem()
        name = item.data(0, _NAME) if item is not None else None
        return name if isinstance(name, str) else None

    def _listen(self, *, adding: bool) -> None:
        name = self._chosen()
        if name is None:
            return
        self._adding = adding
        self.field.setPlaceholderText(self.tr("Press the key; Esc leaves it as it is"))
        self.field.show()
        self.field.setFocus()
        self._note(self.tr("New key for “{action}”").format(action=_text(name)), "muted")

    def _caught(self, sequence: QKeySequence) -> None:
        name = self._chosen()
        if name is None:
            return
        kept = sequences_of(name, self._own) if self._adding else []
        wanted = [*[s for s in kept if s != sequence], sequence]
        proposal = {**self._own, name: "; ".join(s.toString(_PORTABLE) for s in wanted)}
        others = [
            other
            for conflict in conflicts(proposal)
            if conflict.key == sequence.toString(_PORTABLE)
            for other in conflict.names
            if other != name
        ]
        if others:
            text = self.tr("{key} is the key of “{action}”. Change that one first, or press another key.")
            self._note(text.format(key=cap_text(sequence), action=_text(others[0])), "danger")
            return
        self._set(proposal)
        self._note(
            self.tr("{key} is “{action}” now.").format(key=cap_text(sequence), action=_text(name)), "ok"
        )
        self._stop_listening()

    def _stop_listening(self) -> None:
        if not self.field.isHidden():
            listened = self.field.hasFocus()
            self.field.hide()
            if listened:
                self.table.setFocus()

    def _given_up(self) -> None:
        if not self.field.isHidden():
            self._note("", "muted")
            self._stop_listening()

    def _remove(self) -> None:
        name = self._chosen()
        if name is not None:
            self._set({**self._own, name: ""})

    def _reset(self) -> None:
        """The default again, unless another action has taken its key meanwhile."""
        name = self._chosen()
        if name is None:
            return
        proposal = {other: keys for other, keys in self._own.items() if other != name}
        clash = next((c for c in conflicts(proposal) if name in c.names), None)
        if clash is None:
            self._set(proposal)
            return
        other = next(n for n in clash.names if n != name)
        text = self.tr("{key} is the key of “{action}”. Change that one first.")
        self._note(text.format(key=cap_text(QKeySequence(clash.key)), action=_text(other)), "danger")

    def _reset_all(self) -> None:
        self._set({})

    def _set(self, own: dict[str, str]) -> None:
        self._own = {
            name: keys for name, keys in own.items() if sequences_of(name, own) != sequences_of(name, {})
        }
        self._note("", "muted")
        self._show()
        self.changed.emit(self.own)

    def _show(self) -> None:
        for name, item in self._items.items():
            caps = dict.fromkeys(cap_text(sequence) for sequence in sequences_of(name, self._own))
            item.setText(1, "   ".join(caps) or "–")
            item.setText(2, self.tr("changed") if name in self._own else "")
        self._filter(self.search.text())
        self._enable()

    def _enable(self) -> None:
        name = self._chosen()
        for which in ("change", "add", "remove"):
            self.buttons[which].setEnabled(name is not None)
        self.buttons["reset"].setEnabled(name in self._own)
        self.buttons["reset_all"].setEnabled(bool(self._own))

    def _filter(self, text: str) -> None:
        wanted = text.casefold().strip()
        for item in self._items.values():
            item.setHidden(wanted not in f"{item.text(0)} {item.text(1)}".casefold())
        shown = [item for item in self._items.values() if not item.isHidden()]
        for row in range(self.table.topLevelItemCount()):
            heading = self.table.topLevelItem(row)
            if heading is not None:
                heading.setHidden(not any(heading is item.parent() for item in shown))

    def _leave_search(self) -> None:
        """Escape empties the field, and in an empty one closes the dialog as it does everywhere in it."""
        dialog = self.window()
        if self.search.text():
            self.search.clear()
        elif isinstance(dialog, QDialog):
            dialog.reject()

    def _note(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _fill(self) -> None:
        self.table.setHeaderLabels([self.tr("Action"), self.tr("Key"), ""])
        self.table.setRootIsDecorated(False)
        self.table.setIndentation(12)
        self.table.setItemsExpandable(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        keep_input_method_out(self.table)
        self._items: dict[str, QTreeWidgetItem] = {}
        headings = {group: QTreeWidgetItem([translated(group.value)]) for group in Group}
        for heading in headings.values():
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            self.table.addTopLevelItem(heading)
        for entry in ENTRIES:
            item = QTreeWidgetItem(headings[entry.group], [_text(entry.name)])
            item.setData(0, _NAME, entry.name)
            self._items[entry.name] = item
        self.table.expandAll()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        for button in self.buttons.values():
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.note.setWordWrap(True)
        self.field.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 10, 0, 0)
        for widget in (self.search, self.table, self.note, self.field):
            whole.addWidget(widget)
        whole.addLayout(row)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self.table.setFocus)
        self.search.left.connect(self._leave_search)
        self.table.currentItemChanged.connect(lambda _now, _before: self._enable())
        self.table.itemActivated.connect(lambda _item, _column: self._listen(adding=False))
        self.field.caught.connect(self._caught)
        self.field.given_up.connect(self._given_up)
        self.buttons["change"].clicked.connect(lambda: self._listen(adding=False))
        self.buttons["add"].clicked.connect(lambda: self._listen(adding=True))
        self.buttons["remove"].clicked.connect(self._remove)
        self.buttons["reset"].clicked.connect(self._reset)
        self.buttons["reset_all"].clicked.connect(self._reset_all)


def _text(name: str) -> str:
    return translated(BY_NAME[name].text).rstrip("…")
