"""Who is reading: a name from the list, or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.people import Person, Role
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.sheet_header import set_tone
from annotator.ui.text_field import TextField


class SignInDialog(QDialog):
    """`name` and `role` are the answer; the role of somebody known is the one they have.

    The first person of all becomes administrator. last: name of whoever was here last, chosen at once.
    """

    def __init__(self, people: Sequence[Person], last: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people = list(people)
        self._led = any(person.role is Role.ADMINISTRATOR for person in people)
        self.setWindowTitle(self.tr("Sign in"))
        self.field = TextField(self.tr("Your name"))
        self.field.setAccessibleName(self.tr("Your name"))
        self.list = QListWidget()
        keep_input_method_out(self.list)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.roles = {role: QRadioButton(text) for role, text in self._role_texts().items()}
        self._group = QButtonGroup(self)
        self.ok = QPushButton(self.tr("Sign in"))
        self._fill()
        self._arrange()
        self._connect()
        self.field.setText(last if self._known(last) else "")
        self.field.selectAll()
        self._show()

    @property
    def name(self) -> str:
        known = self._known(self.field.text())
        return known.name if known else " ".join(self.field.text().split())

    @property
    def role(self) -> Role:
        known = self._known(self.field.text())
        if known is not None:
            return known.role
        if not self._led:
            return Role.ADMINISTRATOR
        return next(role for role, button in self.roles.items() if button.isChecked())

    def accept(self) -> None:
        if self.name:
            super().accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down in the field walk through the list."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self._people:
            row = self.list.currentRow()
            start = row if row >= 0 else (-1 if step > 0 else len(self._people))
            self._take(self.list.item(min(max(start + step, 0), len(self._people) - 1)))
            return
        super().keyPressEvent(event)

    def _known(self, text: str) -> Person | None:
        wanted = " ".join(text.split()).casefold()
        return next((person for person in self._people if person.name.casefold() == wanted), None)

    def _take(self, item: QListWidgetItem) -> None:
        person: Person = item.data(Qt.ItemDataRole.UserRole)
        self.field.setText(person.name)
        self.field.selectAll()

    def _show(self) -> None:
        """The note and the roles fit the name that stands in the field."""
        known, written = self._known(self.field.text()), bool(self.name)
        row = self._people.index(known) if known is not None else -1
        self.list.setCurrentRow(row)
        new = written and known is None
        for button in self.roles.values():
            button.setVisible(new and self._led)
        if new and not self._led:
            self.note.setText(self.tr("Nobody here is administrator yet, so you become it."))
        elif new:
            self.note.setText(self.tr("{name} is new here. What will you do?").format(name=self.name))
        else:
            self.note.setText("")
        self.note.setVisible(bool(self.note.text()))
        self.ok.setEnabled(written)
        self.adjustSize()

    def _role_texts(self) -> dict[Role, str]:
        return {
            Role.READER: self.tr("&Reader: read radiographs"),
            Role.DATA: self.tr("&Data: import and export, no reading"),
        }

    def _fill(self) -> None:
        words = {
            Role.READER: self.tr("reader"), Role.DATA: self.tr("data"),
            Role.ADMINISTRATOR: self.tr("administrator"),
        }  # fmt: skip
        for person in self._people:
            item = QListWidgetItem(f"{person.name}   ·   {words[person.role]}")
            item.setData(Qt.ItemDataRole.UserRole, person)
            item.setSizeHint(QSize(0, self._row_height()))
            self.list.addItem(item)
        for button in self.roles.values():
            self._group.addButton(button)
        self.roles[Role.READER].setChecked(True)
        self.list.setVisible(bool(self._people))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFixedHeight(min(len(self._people), 7) * self._row_height() + 4)

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 10

    def _arrange(self) -> None:
        protect = QLabel(self.tr("A name identifies; it does not protect."))
        set_tone(protect, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.ok.setProperty("strong", True)
        buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(10)
        for widget in (self.field, self.list, self.note, *self.roles.values(), protect, buttons):
            whole.addWidget(widget)
        self.ok.setDefault(True)  # only once it is in the dialog, else Cancel becomes the default
        self.setMinimumWidth(380)

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda _text: self._show())
        self.field.left.connect(self.reject)
        self.list.itemClicked.connect(self._take)
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
