"""What the style makes of Qt's own widgets: whole lists, plain buttons, edges that are seen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMessageBox,
    QProxyStyle,
    QStyle,
    QStyleOptionFrame,
)

from annotator.settings import Settings
from annotator.ui import theme as themes
from annotator.ui.settings_dialog import SettingsDialog
from annotator.ui.theme import DARK

BUTTONS = QDialogButtonBox.StandardButton


@pytest.fixture
def styled(qtbot, qapp):
    before = qapp.style().name()
    themes.apply(qapp, DARK)

    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    yield show
    qapp.setStyleSheet("")
    qapp.setStyle(before)
    qapp.setPalette(qapp.style().standardPalette())


def test_the_list_of_a_combo_box_shows_every_entry_whichever_is_chosen(styled, qtbot):
    combo = QComboBox()
    combo.addItems(["any finding", "ankylosis", "subluxation", "dislocation", "not assessable", "none"])
    combo.setCurrentIndex(5)
    styled(combo)
    combo.showPopup()
    qtbot.waitUntil(combo.view().isVisible)
    room = combo.view().viewport().rect()
    for row in range(combo.count()):
        assert room.contains(combo.view().visualRect(combo.model().index(row, 0)))
    assert combo.view().mapToGlobal(room.topLeft()).y() >= combo.mapToGlobal(combo.rect().bottomLeft()).y()
    combo.hidePopup()


class Pictured(QProxyStyle):
    """As on desktops whose buttons have pictures."""

    def styleHint(self, hint, option=None, widget=None, data=None):
        if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons:
            return 1
        return super().styleHint(hint, option, widget, data)


def test_buttons_of_dialogs_carry_words_only(styled, qapp):
    qapp.setStyle(Pictured("Fusion"))
    box = styled(QDialogButtonBox(BUTTONS.Ok | BUTTONS.Cancel | BUTTONS.Discard))
    message = QMessageBox(QMessageBox.Icon.Question, "Knuckle", "Sign it?")
    message.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
    styled(message)
    buttons = [*box.buttons(), *message.buttons()]
    assert len(buttons) == 5
    assert all(button.icon().isNull() for button in buttons)


def test_the_program_has_an_icon_of_its_own(qapp):
    picture = themes.window_icon().pixmap(64, 64).toImage()
    seen = {picture.pixelColor(x, 32).name() for x in range(64)}
    assert (picture.width(), picture.height()) == (64, 64)
    assert len(seen) >= 3


def test_a_floating_panel_has_an_edge_where_the_system_gives_it_none(styled):
    """Qt draws it on X11 only, so here the style is asked for it."""
    window = styled(QMainWindow())
    dock = QDockWidget("Joints", window)
    dock.setWidget(QLabel("sheet"))
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    picture = QImage(200, 150, QImage.Format.Format_RGB32)
    option = QStyleOptionFrame()
    option.initFrom(dock)
    option.rect = picture.rect()
    with QPainter(picture) as painter:
        dock.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameDockWidget, option, painter, dock)
    for x, y in ((100, 0), (100, 149), (0, 75), (199, 75)):
        assert picture.pixelColor(x, y) == QColor(DARK.muted)


def test_escape_empties_the_search_for_keys_and_then_closes(styled, qtbot):
    dialog = styled(SettingsDialog(Settings()))
    dialog.tabs.setCurrentWidget(dialog.keys)
    dialog.keys.search.setFocus()
    QTest.keyClicks(dialog.keys.search, "loupe")
    QTest.keyClick(dialog.keys.search, Qt.Key.Key_Escape)
    assert (dialog.isVisible(), dialog.keys.search.text()) == (True, "")
    QTest.keyClick(dialog.keys.search, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
