"""The style sheet of a theme: only what a palette cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QFontInfo

from annotator.paths import resources

if TYPE_CHECKING:
    from annotator.ui.theme import Theme

SMALL, TINY = 0.9, 0.82
"""Sizes of lesser texts, as shares of the application's font."""

TONES = ("text", "muted", "warning", "danger", "ok", "normal", "ankylosis", "displacement", "not_assessable")


def style_sheet(theme: Theme, font: QFont) -> str:
    """Labels take a colour by the dynamic property "tone" and a size by "size" (small, tiny, large)."""
    pixels = QFontInfo(font).pixelSize()
    parts = (_labels(theme, pixels), _panels(theme), _buttons(theme, pixels), _fields(theme), _bars(theme))
    return "\n".join(parts)


def _labels(theme: Theme, pixels: int) -> str:
    tones = "\n".join(f'QLabel[tone="{tone}"] {{ color: {getattr(theme, tone)}; }}' for tone in TONES)
    return f"""
{tones}
QLabel[size="small"] {{ font-size: {round(pixels * SMALL)}px; }}
QLabel[size="tiny"] {{ font-size: {round(pixels * TINY)}px; }}
QLabel[size="large"] {{ font-size: {round(pixels * 1.2)}px; }}
QLabel[weight="bold"] {{ font-weight: 600; }}
QToolTip {{ background: {theme.raised}; color: {theme.text};
  border: 1px solid {theme.border}; padding: 4px; }}
"""


def _panels(theme: Theme) -> str:
    return f"""
QMainWindow, QMainWindow::separator {{ background: {theme.window}; }}
QMainWindow::separator {{ width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {theme.border}; }}
QDockWidget {{ color: {theme.text}; border: 2px solid {theme.muted}; }}
QDockWidget::title {{ background: {theme.panel}; padding: 4px 8px; }}
QFrame[bar="warning"] {{ background: {theme.raised}; border: none; border-left: 4px solid {theme.warning}; }}
QFrame[bar="failure"] {{ background: {theme.alarm}; border: none; }}
QFrame[bar="failure"] QLabel, QFrame[bar="failure"] QToolButton {{ color: {theme.on_alarm}; }}
QFrame[bar="failure"] QToolButton:hover {{ background: {theme.alarm}; border-color: {theme.on_alarm}; }}
QListView, QTableView[plain="true"] {{ background: {theme.panel}; border: 1px solid transparent;
  outline: 0; }}
QTableView[plain="true"] {{ selection-background-color: transparent; }}
QListWidget::item {{ padding: 4px 6px; border-radius: 3px; color: {theme.text}; }}
QListWidget::item:selected {{ background: {theme.strong}; color: {theme.on_strong}; }}
QTableWidget::item {{ padding: 4px 6px; }}
QTreeWidget::item {{ padding: 2px 0; }}
QListView:focus, QTableView[plain="true"]:focus {{ border: 1px solid {theme.accent}; }}
QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none; padding: 4px 6px; }}
QTableView, QTreeView, QTextBrowser {{ background: {theme.panel}; border: 1px solid {theme.border}; }}
QTableView:focus, QTreeView:focus, QTextBrowser:focus {{ border: 1px solid {theme.accent}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {theme.border}; border-radius: 4px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _buttons(theme: Theme, pixels: int) -> str:
    small = round(pixels * SMALL)
    return f"""
QPushButton {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
  border-radius: 4px; padding: 4px 10px; }}
QPushButton:hover {{ border-color: {theme.muted}; }}
QPushButton:pressed {{ background: {theme.selected}; }}
QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 3px 9px; }}
QPushButton:disabled {{ color: #80{theme.muted[1:]}; background: {theme.panel}; }}
QPushButton[strong="true"] {{ background: {theme.strong}; color: {theme.on_strong};
  border-color: {theme.strong}; }}
QPushButton[strong="true"]:focus {{ border: 2px solid {theme.text}; }}
QPushButton[strong="true"]:disabled {{ background: {theme.panel}; color: #80{theme.muted[1:]};
  border: 1px solid {theme.border}; }}
QPushButton[chip="true"] {{ border-radius: 9px; padding: 2px 8px; font-size: {small}px; color: {theme.muted};
  background: transparent; }}
QPushButton[chip="true"]:hover {{ color: {theme.text}; }}
QPushButton[chip="true"]:disabled {{ color: #80{theme.muted[1:]}; }}
QPushButton[chip="true"]:focus {{ border: 2px solid {theme.accent}; padding: 1px 7px; }}
QPushButton[chip="true"]:checked {{ background: {theme.selected}; color: {theme.text};
  border-color: {theme.accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QToolButton {{ background: transparent; color: {theme.text}; border: 1px solid transparent;
  border-radius: 4px; padding: 2px 5px; }}
QToolButton:hover {{ background: {theme.raised}; }}
QToolButton:focus {{ border: 1px solid {theme.accent}; }}
"""


def _fields(theme: Theme) -> str:
    icons = (resources() / "icons").as_posix()
    return f"""
QLineEdit, QPlainTextEdit {{ background: {theme.raised}; color: {theme.text};
  border: 1px solid {theme.border}; border-radius: 4px; padding: 3px 6px;
  selection-background-color: {theme.strong}; selection-color: {theme.on_strong}; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {theme.accent}; padding: 2px 5px; }}
QLineEdit:disabled {{ color: {theme.muted}; background: {theme.panel}; }}
QComboBox {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
  border-radius: 4px; padding: 3px 6px; combobox-popup: 0; }}
QComboBox:hover {{ border-color: {theme.muted}; }}
QComboBox:focus {{ border: 2px solid {theme.accent}; padding: 2px 5px; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox::down-arrow {{ image: url("{icons}/down-{theme.name}.svg"); width: 9px; height: 9px; }}
QComboBox QAbstractItemView {{ background: {theme.raised}; border: 1px solid {theme.border}; outline: 0;
  selection-background-color: {theme.strong}; selection-color: {theme.on_strong}; }}
QComboBox QAbstractItemView::item {{ padding: 3px 4px; }}
QRadioButton, QCheckBox {{ color: {theme.text}; spacing: 7px; padding: 2px 4px; border: 1px solid transparent;
  border-radius: 4px; }}
QRadioButton:focus, QCheckBox:focus {{ border-color: {theme.accent}; }}
QRadioButton::indicator, QCheckBox::indicator {{ width: 13px; height: 13px; border: 1px solid {theme.muted};
  background: {theme.raised}; }}
QRadioButton::indicator {{ border-radius: 7px; }}
QCheckBox::indicator {{ border-radius: 3px; }}
QRadioButton::indicator:checked {{ border-color: {theme.accent};
  image: url("{icons}/dot-{theme.name}.svg"); }}
QCheckBox::indicator:checked {{ border-color: {theme.accent};
  image: url("{icons}/tick-{theme.name}.svg"); }}
QProgressBar {{ background: {theme.raised}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
"""


def _bars(theme: Theme) -> str:
    return f"""
QMenuBar {{ background: {theme.panel}; color: {theme.text}; border-bottom: 1px solid {theme.border}; }}
QMenuBar::item {{ background: transparent; padding: 5px 10px; }}
QMenuBar::item:selected {{ background: {theme.raised}; }}
QMenu {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px 0; }}
QMenu::item {{ padding: 4px 24px 4px 24px; }}
QMenu::item:selected {{ background: {theme.strong}; color: {theme.on_strong}; }}
QMenu::item:disabled {{ color: {theme.muted}; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 8px; }}
QStatusBar {{ background: {theme.panel}; border-top: 1px solid {theme.border}; }}
QStatusBar::item {{ border: none; }}
QTabBar::tab {{ color: {theme.muted}; background: transparent; padding: 6px 12px;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
QTabBar::tab:focus {{ border: 1px solid {theme.accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {theme.border}; }}
"""
