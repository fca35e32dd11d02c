"""When readers of a study are shown what the detector proposes: the words for it, and the choice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.revealing import RevealPolicy
from annotator.ui.sheet_header import set_tone

_WORDS = {
    RevealPolicy.AT_ONCE: "at once",
    RevealPolicy.ALL_LABELLED: "after all joints are labelled",
    RevealPolicy.SIGNED: "after signing",
}
_BUTTONS = {
    RevealPolicy.AT_ONCE: "&At once",
    RevealPolicy.ALL_LABELLED: "After all &joints are labelled",
    RevealPolicy.SIGNED: "After &signing",
}
_MEANINGS = {
    RevealPolicy.AT_ONCE: "A reader sees the proposals as soon as there are some, and may begin with them.",
    RevealPolicy.ALL_LABELLED: "A reader first labels every joint of the image alone; "
    "labels changed after that are told apart.",
    RevealPolicy.SIGNED: "A reader first signs the reading; "
    "labels changed after that, in a reading opened again, are told apart.",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reveal", text)


def policy_word(policy: RevealPolicy) -> str:
    return _tr(_WORDS[policy])


def policy_meaning(policy: RevealPolicy) -> str:
    """One sentence."""
    return _tr(_MEANINGS[policy])


class StudyPolicyDialog(QDialog):
    """`policy` is what is chosen. current: what the study has now."""

    def __init__(self, study_name: str, current: RevealPolicy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("When proposals are shown"))
        self.choices: dict[RevealPolicy, QRadioButton] = {}
        title = QLabel(self.tr("Readers of {study} see proposals").format(study=study_name))
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setProperty("weight", "bold")
        title.setWordWrap(True)
        note = QLabel(self.tr("This is audited; what readers saw before stays seen."))
        note.setWordWrap(True)
        set_tone(note, "warning")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(title)
        whole.addWidget(self._group(title.text()))
        whole.addWidget(note)
        whole.addStretch(1)
        whole.addWidget(self._buttons())
        self.setMinimumWidth(460)
        self.choices[current].setChecked(True)
        self.choices[current].setFocus()

    @property
    def policy(self) -> RevealPolicy:
        return next(policy for policy, button in self.choices.items() if button.isChecked())

    def _group(self, name: str) -> QWidget:
        group = QWidget()
        group.setAccessibleName(name)
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for policy in RevealPolicy:
            button, meaning = QRadioButton(_tr(_BUTTONS[policy])), QLabel(policy_meaning(policy))
            button.setAccessibleDescription(meaning.text())
            meaning.setWordWrap(True)
            meaning.setContentsMargins(26, 0, 0, 10)
            set_tone(meaning, "muted")
            column.addWidget(button)
            column.addWidget(meaning)
            self.choices[policy] = button
        return group

    def _buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        apply = buttons.button(kinds.Ok)
        apply.setText(self.tr("A&pply"))
        apply.setProperty("strong", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons
