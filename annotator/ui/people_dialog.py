"""Who works here, and in which role: for administrators."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Role
from annotator.ui.sheet_header import set_tone

GiveRole = Callable[[Person, Role], Person]


class PeopleDialog(QDialog):
    """Every person with a role to choose; a choice applies at once, or says why it cannot."""

    def __init__(self, people: Sequence[Person], give: GiveRole, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("People"))
        self._people, self._give = list(people), give
        self.roles: dict[int, QComboBox] = {}
        self.note = QLabel(self.tr("Who signs in with a new name appears here. A name does not protect."))
        self.note.setWordWrap(True)
        set_tone(self.note, "muted")
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        for place, person in enumerate(self._people):
            form.addRow(QLabel(person.name), self._choice(place, person))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addLayout(form)
        whole.addWidget(self.note)
        whole.addWidget(buttons)
        self.setMinimumWidth(380)

    def _choice(self, place: int, person: Person) -> QComboBox:
        texts = {
            Role.READER: self.tr("reader"),
            Role.DATA: self.tr("data"),
            Role.ADMINISTRATOR: self.tr("administrator"),
        }
        choice = QComboBox()
        for role, text in texts.items():
            choice.addItem(text, role)
        choice.setCurrentIndex(list(texts).index(person.role))
        choice.setAccessibleName(self.tr("Role of {name}").format(name=person.name))
        choice.activated.connect(lambda _index: self._chosen(place, choice))
        self.roles[person.id] = choice
        return choice

    def _chosen(self, place: int, choice: QComboBox) -> None:
        role = Role(choice.currentData())
        try:
            self._people[place] = self._give(self._people[place], role)
            self.note.setText(
                self.tr("{name} has this role from the next sign-in on.").format(
                    name=self._people[place].name
                )
            )
            set_tone(self.note, "ok")
        except KnuckleError as error:
            choice.setCurrentIndex(choice.findData(self._people[place].role))
            self.note.setText(str(error))
            set_tone(self.note, "danger")
