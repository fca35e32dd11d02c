"""The window's actions as QActions, with the reader's own keys, and what each key is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from annotator.ui.action_table import ENTRIES, SEPARATOR, Entry, Group, MenuPlan, Scope
from annotator.ui.japanese_keys import latin_key

BY_NAME: Mapping[str, Entry] = {entry.name: entry for entry in ENTRIES}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One key that two or more actions want."""

    key: str
    names: tuple[str, ...]


class Actions(QObject):
    """One QAction for each entry of the table.

    keys: name of an action -> its keys in portable text ("Ctrl+O", more than one with "; "), only where they
    are not the default; "" leaves it without a key. Names and texts that mean nothing are passed over.
    """

    keys_changed = Signal()

    def __init__(self, keys: Mapping[str, str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._own: dict[str, str] = {}
        self._caps: dict[str, str] = {}
        self._actions = {entry.name: self._made(entry) for entry in ENTRIES}
        self.set_keys(keys or {})

    def action(self, name: str) -> QAction:
        """The QAction; KeyError for a name that is not in the table."""
        return self._actions[name]

    def allow(self, name: str, allowed: bool) -> None:
        """Whether the role of whoever is signed in allows it; where it does not, its menu says so."""
        action = self._actions[name]
        action.setEnabled(allowed)
        why = self.tr("Your role does not allow this. An administrator can do it, or change the role.")
        action.setToolTip("" if allowed else why)

    def connect_all(self, slots: Mapping[str, Callable[..., object]]) -> None:
        """Connect actions by name; a checkable one hands over whether it is on."""
        for name, slot in slots.items():
            self._actions[name].triggered.connect(slot)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Take these keys at once, and the default for every action that is not among them."""
        self._own = {name: keys[name] for name in BY_NAME if name in keys}
        self._caps.clear()
        for name, action in self._actions.items():
            action.setShortcuts(self.sequences(name))
        self.keys_changed.emit()

    def sequences(self, name: str) -> list[QKeySequence]:
        return sequences_of(name, self._own)

    def key_text(self, name: str) -> str:
        """The first key of an action as a key cap shows it ("⇧⏎"), or ""."""
        if name not in self._caps:
            found = self.sequences(name)
            self._caps[name] = cap_text(found[0]) if found else ""
        return self._caps[name]

    def key_texts(self, name: str) -> list[str]:
        """All keys of an action as key caps show them, each once."""
        return list(dict.fromkeys(cap_text(sequence) for sequence in self.sequences(name)))

    def install(self, widget: QWidget, scope: Scope) -> None:
        """Make the actions of this scope work in a widget: the main window for WINDOW, radiograph and joint
        sheet for READING."""
        widget.addActions([self._actions[entry.name] for entry in ENTRIES if entry.scope is scope])

    def fill(self, menu: QMenu, plan: MenuPlan) -> None:
        """Put the items of a plan into a menu."""
        menu.setToolTipsVisible(True)
        for item in plan.items:
            if isinstance(item, MenuPlan):
                self.fill(menu.addMenu(translated(item.title)), item)
            elif item == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self._actions[item])

    def grouped(self) -> list[tuple[str, list[QAction]]]:
        """Headings and their actions, in the order of the table."""
        found: defaultdict[Group, list[QAction]] = defaultdict(list)
        for entry in ENTRIES:
            found[entry.group].append(self._actions[entry.name])
        return [(translated(group.value), found[group]) for group in Group]

    def press(self, event: QKeyEvent) -> bool:
        """Trigger what a key means whose letter came as kana or full-width; False where it means nothing.

        For a window's keyPressEvent: a key that reaches it has matched no shortcut.
        """
        letter = latin_key(event.text())
        if not letter:
            return False
        shift = "Shift+" if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else ""
        wanted = QKeySequence(shift + letter)
        for name, action in self._actions.items():
            if wanted in self.sequences(name) and action.isEnabled():
                action.trigger()
                return True
        return False

    def _made(self, entry: Entry) -> QAction:
        action = QAction(translated(entry.text), self)
        action.setObjectName(entry.name)
        action.setCheckable(entry.checkable)
        action.setAutoRepeat(entry.repeats)
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
            if entry.scope is Scope.READING
            else Qt.ShortcutContext.WindowShortcut
        )
        return action


def sequences_of(name: str, own: Mapping[str, str]) -> list[QKeySequence]:
    """The keys of an action, given the reader's own ones."""
    text = own.get(name)
    if text is None:
        return [QKeySequence(key) for key in BY_NAME[name].keys]
    return [s for s in QKeySequence.listFromString(text) if is_key(s)]


def is_key(sequence: QKeySequence) -> bool:
    """One key that exists, with or without modifiers."""
    return (
        sequence.count() == 1 and not sequence.toString().endswith("+Unknown") and bool(sequence.toString())
    )


def conflicts(own: Mapping[str, str]) -> list[Conflict]:
    """The keys that more than one action would have, in the order of the table."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for entry in ENTRIES:
        for sequence in sequences_of(entry.name, own):
            wanted[sequence.toString(QKeySequence.SequenceFormat.PortableText)].append(entry.name)
    return [Conflict(key, tuple(names)) for key, names in wanted.items() if len(names) > 1]


_CAPS = (
    ("Return", "⏎"), ("Enter", "⏎"), ("Shift+", "⇧"), ("Backspace", "⌫"), ("Tab", "⇥"), ("Backtab", "⇧⇥"),
    ("Left", "←"), ("Right", "→"), ("Up", "↑"), ("Down", "↓"),
)  # fmt: skip


def cap_text(sequence: QKeySequence) -> str:
    """What stands on a key cap: signs for Shift, Enter and the arrows, else the system's own words."""
    text = sequence.toString(QKeySequence.SequenceFormat.NativeText)
    last = text.rpartition("+")[2] if not text.endswith("+") else ""
    for word, sign in _CAPS:
        if word.endswith("+"):
            text = text.replace(word, sign)
        elif last == word:
            text = text.removesuffix(word) + sign
    return text


def joined(texts: Iterable[str]) -> str:
    """Several keys of one action in a row."""
    return "   ".join(texts)


def translated(text: str) -> str:
    """A text of the table of actions, in the language of the window."""
    return QCoreApplication.translate("Actions", text)
