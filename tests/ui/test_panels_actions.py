"""Every action has its key, keys can be changed, and typing is never taken for one."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from annotator.ui.action_table import ENTRIES, MENUS, SEPARATOR, MenuPlan, Scope
from annotator.ui.actions import Actions, conflicts
from annotator.ui.japanese_keys import keep_input_method_out, latin_key
from annotator.ui.text_field import TextField

NO_MODIFIER, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class Window(QMainWindow):
    """A reading desk with nothing but a radiograph, a text field and the actions."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.actions_, self.heard = actions, []
        self.radiograph, self.field = QWidget(), TextField()
        self.radiograph.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_input_method_out(self.radiograph)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.addWidget(self.radiograph)
        column.addWidget(self.field)
        self.setCentralWidget(middle)
        actions.install(self, Scope.WINDOW)
        actions.install(self.radiograph, Scope.READING)
        for entry in ENTRIES:
            actions.action(entry.name).triggered.connect(lambda _=False, n=entry.name: self.heard.append(n))
        for plan in MENUS:
            actions.fill(self.menuBar().addMenu(plan.title), plan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.actions_.press(event):
            super().keyPressEvent(event)


@pytest.fixture
def window(qtbot):
    made = Window(Actions())
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.radiograph.setFocus()
    return made


def press(widget, key, modifiers=NO_MODIFIER):
    QTest.keyClick(widget, key, modifiers)


def test_every_action_has_a_text_and_a_key_and_no_two_share_one():
    for entry in ENTRIES:
        assert entry.text.strip()
        assert entry.keys
        assert all(QKeySequence(key).toString() == key for key in entry.keys), entry
    assert conflicts({}) == []
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_every_action_stands_in_exactly_one_menu():
    def names(plan):
        for item in plan.items:
            if isinstance(item, MenuPlan):
                yield from names(item)
            elif item != SEPARATOR:
                yield item

    listed = [name for plan in MENUS for name in names(plan)]
    assert sorted(listed) == sorted(entry.name for entry in ENTRIES)


def test_menus_are_filled_with_their_actions(qtbot):
    actions, menu = Actions(), QMenu()
    qtbot.addWidget(menu)
    actions.fill(menu, MENUS[1])
    shown = menu.actions()
    assert shown[0] is actions.action("undo")
    assert any(item.isSeparator() for item in shown)
    assert [item.menu().title() for item in shown if item.menu()] == ["&Joints and boxes", "&Hands and sides"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_key_triggers_its_action_while_the_radiograph_has_the_focus(window, entry):
    for key in entry.keys:
        combination = QKeySequence(key)[0]
        press(window.radiograph, combination.key(), combination.keyboardModifiers())
    assert window.heard == [entry.name] * len(entry.keys)


def test_letters_enter_tab_and_delete_belong_to_the_text_field(window):
    window.field.setFocus()
    QTest.keyClicks(window.field, "xasD 1?/")
    assert window.field.text() == "xasD 1?/"
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Backspace):
        press(window.field, key)
    press(window.field, Qt.Key.Key_Return, SHIFT)
    press(window.field, Qt.Key.Key_Tab)
    assert window.heard == []


def test_commands_with_control_and_f_keys_work_out_of_the_text_field(window):
    window.field.setFocus()
    press(window.field, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    press(window.field, Qt.Key.Key_F1)
    assert window.heard == ["open_files", "keys"]


def test_tab_and_arrows_keep_their_meaning_away_from_the_radiograph(window):
    other = QPlainTextEdit()
    window.centralWidget().layout().addWidget(other)
    other.setTabChangesFocus(True)
    other.setFocus()
    press(other, Qt.Key.Key_Tab)
    press(other, Qt.Key.Key_Left)
    assert window.heard == []


def test_escape_in_a_text_field_is_told(window, qtbot):
    window.field.setFocus()
    with qtbot.waitSignal(window.field.left):
        press(window.field, Qt.Key.Key_Escape)


def test_a_changed_key_works_at_once_and_the_old_one_no_longer(window, qtbot):
    with qtbot.waitSignal(window.actions_.keys_changed):
        window.actions_.set_keys({"ankylosis": "6; Ctrl+Alt+A", "loupe": ""})
    press(window.radiograph, Qt.Key.Key_A)
    press(window.radiograph, Qt.Key.Key_L)
    assert window.heard == []
    press(window.radiograph, Qt.Key.Key_6)
    press(
        window.radiograph, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert window.heard == ["ankylosis", "ankylosis"]
    assert window.actions_.key_texts("ankylosis") == ["6", "Ctrl+Alt+A"]
    assert window.actions_.key_text("loupe") == ""
    window.actions_.set_keys({})
    press(window.radiograph, Qt.Key.Key_A)
    assert window.heard == ["ankylosis"] * 3


def test_keys_that_mean_nothing_are_passed_over():
    actions = Actions({"ankylosis": "Foo; A, B; 7", "no such action": "6"})
    assert actions.key_texts("ankylosis") == ["7"]


def test_a_key_that_two_actions_want_is_named_with_both():
    found = conflicts({"ankylosis": "S"})
    assert [(conflict.key, conflict.names) for conflict in found] == [("S", ("ankylosis", "subluxation"))]
    assert conflicts({"ankylosis": "S", "subluxation": "A"}) == []


def test_a_held_key_repeats_only_where_that_makes_sense():
    repeating = {entry.name for entry in ENTRIES if entry.repeats}
    assert {"next_image", "nudge_left", "next_joint", "undo"} <= repeating
    assert not repeating & {"confirm", "ankylosis", "sign", "delete_box", "rest_normal"}


def test_caps_show_signs_instead_of_long_words():
    actions = Actions()
    assert actions.key_texts("confirm") == ["⏎"]
    assert actions.key_texts("rest_normal") == ["⇧⏎"]
    assert actions.key_texts("previous_joint") == ["⇧⇥", "K"]
    assert actions.key_text("nudge_far_left") == "⇧←"
    assert actions.key_texts("zoom_in") == ["+", "="]


def test_the_input_method_is_off_outside_text_fields(window):
    enabled = Qt.WidgetAttribute.WA_InputMethodEnabled
    assert not window.radiograph.testAttribute(enabled)
    assert window.field.testAttribute(enabled)


@pytest.mark.parametrize(
    ("text", "letter"),
    [("ち", "A"), ("Ａ", "A"), ("ａ", "A"), ("チ", "A"), ("ﾁ", "A"), ("っ", "Z"), ("？", "?"),
     ("a", ""), ("漢", ""), ("", "")],
)  # fmt: skip
def test_kana_and_full_width_letters_name_the_key_they_are_printed_on(text, letter):
    assert latin_key(text) == letter


def test_a_key_that_types_kana_works_like_the_letter_on_it(window):
    for text, modifiers in (("ち", NO_MODIFIER), ("Ｙ", SHIFT), ("漢", NO_MODIFIER)):
        event = QKeyEvent(QEvent.Type.KeyPress, ord(text), modifiers, text)
        window.keyPressEvent(event)
    assert window.heard == ["ankylosis", "confirm_sides"]
