"""Every dialog can be worked by keyboard alone, and hands over what was chosen."""

import pytest
from panels_samples import click
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from annotator.domain.joint_names import NameStyle
from annotator.domain.people import Person, Role
from annotator.settings import Settings
from annotator.ui.about_dialog import AboutDialog
from annotator.ui.action_table import ENTRIES
from annotator.ui.actions import Actions
from annotator.ui.guide_dialog import GuideDialog
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.key_field import KeyField
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.keys_page import KeysPage
from annotator.ui.reason_dialog import ReasonDialog, ask_reason
from annotator.ui.settings_dialog import SettingsDialog
from annotator.ui.sign_in_dialog import SignInDialog
from annotator.ui.theme import DARK, LIGHT
from annotator.workflow.library import ImportResult, Refused
from tests.ui.dialog_driver import in_front

RETURN, ESCAPE, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down
ABE, SATO = Person(1, "Dr. Abe", Role.ADMINISTRATOR), Person(2, "Dr. Sato", Role.READER)


@pytest.fixture
def shown(qtbot):
    """Shows a dialog as its owner would."""

    def show(dialog):
        return in_front(qtbot, dialog)

    return show


class TestSignIn:
    def test_whoever_was_here_last_signs_in_by_enter(self, shown):
        dialog = shown(SignInDialog([ABE, SATO], "Dr. Sato"))
        QTest.keyClick(dialog.field, RETURN)
        assert dialog.result() == QDialog.DialogCode.Accepted
        assert (dialog.name, dialog.role) == ("Dr. Sato", Role.READER)

    def test_the_arrows_walk_through_the_names(self, shown):
        dialog = shown(SignInDialog([ABE, SATO]))
        for key, name in (
            (DOWN, "Dr. Abe"),
            (DOWN, "Dr. Sato"),
            (DOWN, "Dr. Sato"),
            (Qt.Key.Key_Up, "Dr. Abe"),
        ):
            QTest.keyClick(dialog.field, key)
            assert dialog.name == name
        assert dialog.role is Role.ADMINISTRATOR
        assert dialog.list.currentRow() == 0

    def test_a_new_name_is_asked_for_its_role(self, shown):
        dialog = shown(SignInDialog([ABE]))
        assert not dialog.ok.isEnabled()
        QTest.keyClicks(dialog.field, "  Dr.  Mori ")
        assert dialog.note.text() == "Dr. Mori is new here. What will you do?"
        assert dialog.roles[Role.READER].isChecked()
        QTest.keyClick(dialog.field, Qt.Key.Key_Tab)
        while not dialog.roles[Role.READER].hasFocus():
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        QTest.keyClick(dialog.roles[Role.READER], DOWN)
        QTest.keyClick(dialog, RETURN)
        assert dialog.result() == QDialog.DialogCode.Accepted
        assert (dialog.name, dialog.role) == ("Dr. Mori", Role.DATA)

    def test_a_known_name_is_known_whatever_its_capitals(self, shown):
        dialog = shown(SignInDialog([ABE]))
        QTest.keyClicks(dialog.field, "dr. abe")
        assert (dialog.name, dialog.role) == ("Dr. Abe", Role.ADMINISTRATOR)
        assert not any(button.isVisible() for button in dialog.roles.values())

    def test_the_first_person_becomes_administrator_and_is_told_so(self, shown):
        dialog = shown(SignInDialog([]))
        QTest.keyClicks(dialog.field, "Dr. First")
        assert dialog.note.text() == "Nobody here is administrator yet, so you become it."
        assert dialog.role is Role.ADMINISTRATOR
        assert not any(button.isVisible() for button in dialog.roles.values())

    def test_nobody_signs_in_without_a_name_and_escape_leaves(self, shown):
        dialog = shown(SignInDialog([ABE], "Dr. Gone"))
        QTest.keyClicks(dialog.field, "   ")
        QTest.keyClick(dialog.field, RETURN)
        assert dialog.isVisible()
        QTest.keyClick(dialog.field, ESCAPE)
        assert dialog.result() == QDialog.DialogCode.Rejected

    def test_it_says_that_a_name_does_not_protect(self, shown):
        dialog = shown(SignInDialog([ABE]))
        assert any("does not protect" in label.text() for label in dialog.findChildren(type(dialog.note)))


class TestReason:
    def test_nothing_goes_on_without_a_reason(self, shown):
        dialog = shown(ReasonDialog("Exclude image", "Why is this image not to be read?"))
        assert dialog.field.hasFocus()
        QTest.keyClicks(dialog.field, "   ")
        QTest.keyClick(dialog.field, RETURN)
        assert dialog.isVisible()
        assert not dialog.yes.isEnabled()
        QTest.keyClicks(dialog.field, "wrong patient ")
        QTest.keyClick(dialog.field, RETURN)
        assert dialog.result() == QDialog.DialogCode.Accepted
        assert dialog.reason == "wrong patient"

    def test_a_suggestion_is_one_click_away(self, shown):
        dialog = shown(ReasonDialog("Reopen", "Why?", suggestions=("&mistake", "new film")))
        click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "&mistake"))
        assert dialog.reason == "mistake"
        assert dialog.yes.isEnabled()

    @pytest.mark.parametrize(("key", "answer"), [(RETURN, "because"), (ESCAPE, "")])
    def test_ask_reason_gives_the_reason_or_nothing(self, qtbot, key, answer):
        def type_it():
            dialog = QApplication.activeModalWidget()
            QTest.keyClicks(dialog.field, "because")
            QTest.keyClick(dialog.field, key)
            dialog.close()  # a test that fails must not wait for ever

        QTimer.singleShot(0, type_it)
        assert ask_reason(None, "Reopen", "Why is this reading opened again?") == answer


class TestKeys:
    @pytest.fixture
    def page(self, shown):
        return shown(KeysPage({"loupe": "7"}))

    @staticmethod
    def change(page, name, *keys, button="change"):
        page.choose(name)
        click(page.buttons[button])
        for key, modifiers in keys:
            QTest.keyClick(page.field, key, modifiers)

    def test_a_key_is_changed_by_pressing_it(self, page, qtbot):
        with qtbot.waitSignal(page.changed) as changed:
            self.change(page, "ankylosis", (Qt.Key.Key_6, Qt.KeyboardModifier.NoModifier))
        assert changed.args == [{"loupe": "7", "ankylosis": "6"}]
        assert page.field.isHidden()
        assert "Ankylosis" in page.note.text()

    def test_by_keyboard_alone(self, page):
        page.search.setFocus()
        QTest.keyClicks(page.search, "disloc")
        QTest.keyClick(page.search, RETURN)
        QTest.keyClick(page.table, DOWN)
        QTest.keyClick(page.table, RETURN)
        assert page.field.hasFocus()
        QTest.keyClick(page.field, Qt.Key.Key_6)
        assert page.own["dislocation"] == "6"
        assert page.table.hasFocus()

    def test_another_key_can_be_added_and_taken_away(self, page):
        none = Qt.KeyboardModifier.NoModifier
        self.change(page, "ankylosis", (Qt.Key.Key_6, none), button="add")
        assert page.own["ankylosis"] == "A; 6"
        click(page.buttons["remove"])
        assert page.own["ankylosis"] == ""
        click(page.buttons["reset"])
        assert page.own == {"loupe": "7"}
        click(page.buttons["reset_all"])
        assert page.own == {}

    def test_a_key_of_another_action_is_refused_and_named(self, page, qtbot):
        with qtbot.assertNotEmitted(page.changed):
            self.change(page, "ankylosis", (Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier))
        assert page.note.text().startswith("S is the key of “Subluxation”.")
        assert page.field.isVisible()
        QTest.keyClick(page.field, Qt.Key.Key_6)
        assert page.own["ankylosis"] == "6"

    def test_the_default_is_not_taken_back_from_whoever_has_it_now(self, page):
        none = Qt.KeyboardModifier.NoModifier
        self.change(page, "ankylosis", (Qt.Key.Key_6, none))
        self.change(page, "subluxation", (Qt.Key.Key_A, none))
        page.choose("ankylosis")
        click(page.buttons["reset"])
        assert page.own["ankylosis"] == "6"
        assert page.note.text().startswith("A is the key of “Subluxation”.")

    def test_escape_leaves_the_key_as_it_was(self, page, qtbot):
        with qtbot.assertNotEmitted(page.changed):
            self.change(page, "ankylosis", (ESCAPE, Qt.KeyboardModifier.NoModifier))
        assert page.field.isHidden()

    @pytest.mark.parametrize(
        ("key", "modifiers", "text"),
        [
            (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "Tab"),
            (Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier, "Shift+Tab"),
            (Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier, "?"),
            (Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier, "Shift+A"),
            (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5"),
            (Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier, "Ctrl+Left"),
            (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, "Space"),
        ],
    )
    def test_any_key_is_caught_as_it_is_written(self, shown, qtbot, key, modifiers, text):
        field = shown(KeyField())
        field.setFocus()
        with qtbot.waitSignal(field.caught) as caught:
            QTest.keyClick(field, key, modifiers)
        assert caught.args[0] == QKeySequence(text)
        assert not field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)

    def test_a_modifier_alone_is_no_key(self, shown, qtbot):
        field = shown(KeyField())
        with qtbot.assertNotEmitted(field.caught):
            QTest.keyClick(field, Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier)

    def test_changed_keys_survive_the_settings_file_and_work(self, page):
        self.change(
            page,
            "ankylosis",
            (Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier),
        )
        self.change(page, "narrower", (Qt.Key.Key_Semicolon, Qt.KeyboardModifier.NoModifier))
        actions = Actions(Settings(keys=page.own).keys)
        assert actions.sequences("ankylosis") == [QKeySequence("Ctrl+Alt+,")]
        assert actions.sequences("narrower") == [QKeySequence(";")]


class TestPreferences:
    def test_every_choice_applies_at_once(self, shown):
        dialog = shown(SettingsDialog(Settings()))
        taken = []
        dialog.changed.connect(taken.append)
        for name, value in (
            ("theme", "light"),
            ("joint_names", "MCP"),
            ("digits", "roman"),
            ("language", "ja"),
        ):
            QTest.keyClick(dialog.choices[name, value], Qt.Key.Key_Space)
            assert getattr(taken[-1], name) == value
        QTest.keyClick(dialog.smooth, Qt.Key.Key_Space)
        dialog.loupe.setFocus()
        QTest.keyClick(dialog.loupe, Qt.Key.Key_Up)
        QTest.keyClick(dialog.backups, DOWN)
        last = taken[-1]
        assert (last.zoom_smooth, last.loupe_zoom, last.backup_keep) == (False, 3.5, 9)
        assert dialog.settings == last
        assert dialog.example.text().startswith("右示指MCP")

    def test_keys_are_part_of_the_preferences(self, shown, qtbot):
        dialog = shown(SettingsDialog(Settings(keys={"loupe": "7"})))
        dialog.tabs.setCurrentWidget(dialog.keys)
        dialog.keys.choose("ankylosis")
        with qtbot.waitSignal(dialog.changed) as changed:
            click(dialog.keys.buttons["remove"])
        assert changed.args[0].keys == {"loupe": "7", "ankylosis": ""}

    def test_enter_in_the_table_of_keys_does_not_close_and_escape_does(self, shown):
        dialog = shown(SettingsDialog(Settings()))
        QTest.keyClick(dialog, RETURN)
        assert dialog.isVisible()
        QTest.keyClick(dialog, ESCAPE)
        assert not dialog.isVisible()


class TestHelp:
    def test_all_actions_stand_in_the_keys_dialog_with_their_keys_as_they_are_now(self, shown):
        actions = Actions({"loupe": "Ctrl+Alt+L", "guide": ""})
        dialog = shown(KeysDialog(actions, DARK))

        def lines():
            return dialog.page.toPlainText().replace("\xa0", " ")

        for entry in ENTRIES:
            assert entry.text.rstrip("…") in lines()
            for cap in actions.key_texts(entry.name):
                assert cap in lines()
        assert "Ctrl+Alt+L" in lines()
        assert "no key" in lines()
        actions.set_keys({"loupe": "Ctrl+Alt+Z"})
        assert "Ctrl+Alt+Z" in lines()
        assert "Ctrl+Alt+L" not in lines()
        assert dialog.page.document().idealWidth() <= 720
        QTest.keyClick(dialog.page, ESCAPE)
        assert not dialog.isVisible()

    @pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
    def test_the_guide_has_a_page_for_each_finding_each_with_another_figure(self, shown, theme):
        dialog = shown(GuideDialog(theme, NameStyle(mcp=True), page="Subluxation"))
        assert dialog.title.text() == "Subluxation"
        titles, pictures = [], []
        QTest.keyClick(dialog.pages, Qt.Key.Key_Home)
        for _ in range(dialog.pages.count()):
            titles.append(dialog.title.text())
            pictures.append(dialog.figures.grab().toImage())
            QTest.keyClick(dialog.pages, DOWN)
        assert titles[:6] == [
            "Placing a box", "Normal", "Ankylosis", "Subluxation", "Dislocation", "Not assessable",
        ]  # fmt: skip
        assert all(a != b for n, a in enumerate(pictures) for b in pictures[n + 1 :])
        QTest.keyClick(dialog.pages, ESCAPE)
        assert not dialog.isVisible()

    def test_the_about_dialog_says_research_use_only(self, shown):
        dialog = shown(AboutDialog("0.1.0", "/data"))
        words = " ".join(label.text() for label in dialog.findChildren(type(SignInDialog([]).note)))
        for word in ("Knuckle 0.1.0", "Research use only", "MIT", "/data"):
            assert word in words


class TestImport:
    REFUSED = (
        Refused("/films/a.dcm", "The file is cut short. Copy it again."),
        Refused("/films/b.dcm", "Not grayscale."),
    )

    def test_counts_and_refused_files_are_shown_and_can_be_copied(self, shown):
        dialog = shown(ImportDialog(ImportResult(1200, 3, 5, self.REFUSED)))
        words = [label.text() for label in dialog.findChildren(type(SignInDialog([]).note))]
        assert {"1,200", "3", "5", "2"} <= set(words)
        cells = [[dialog.table.item(r, c).text() for c in range(2)] for r in range(2)]
        assert cells == [[refused.file, refused.reason] for refused in self.REFUSED]
        click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy list"))
        assert QGuiApplication.clipboard().text().splitlines()[1] == "/films/b.dcm\tNot grayscale."
        QTest.keyClick(dialog, RETURN)
        assert dialog.result() == QDialog.DialogCode.Accepted

    def test_without_refusals_there_is_no_table(self, shown):
        dialog = shown(ImportDialog(ImportResult(24, 0, 0)))
        assert not dialog.table.isVisible()
        assert [b.text() for b in dialog.findChildren(QPushButton)] == ["Close"]
