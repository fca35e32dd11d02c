"""All keys as they are now, on one page."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from annotator.ui.actions import Actions
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.theme import Theme, mixed

COLUMNS = 2


class KeysDialog(QDialog):
    """Grouped as the actions are, with the reader's own keys, no wider than a printed page."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions, self._theme = actions, theme
        self.setWindowTitle(self.tr("Keys"))
        self.page = QTextBrowser()
        self.page.setAccessibleName(self.tr("Keys"))
        keep_input_method_out(self.page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 12)
        whole.addWidget(self.page)
        whole.addWidget(buttons)
        actions.keys_changed.connect(self._show)
        self._show()
        self.resize(740, 640)
        self.page.setFocus()

    def _show(self) -> None:
        columns: list[list[str]] = [[] for _ in range(COLUMNS)]
        lengths = [0] * COLUMNS
        for heading, actions in self._actions.grouped():
            shortest = lengths.index(min(lengths))
            columns[shortest].append(self._group(heading, actions))
            lengths[shortest] += len(actions) + 2
        cells = "".join(f'<td width="{100 // COLUMNS}%" valign="top">{"".join(c)}</td>' for c in columns)
        self.page.setHtml(f'<table width="100%" cellspacing="8"><tr>{cells}</tr></table>{self._pointer()}')

    def _group(self, heading: str, actions: list[QAction]) -> str:
        rows = "".join(
            f'<tr><td align="right" width="38%">{self._caps(action.objectName())}</td>'
            f'<td style="padding-left: 10px">{escape(action.text().rstrip("…"))}</td></tr>'
            for action in actions
        )
        title = f'<p style="color: {self._theme.muted}; margin-top: 10px"><b>{escape(heading)}</b></p>'
        return f'{title}<table width="100%" cellspacing="0" cellpadding="2">{rows}</table>'

    def _caps(self, name: str) -> str:
        theme = self._theme
        style = f"background-color: {mixed(theme.border, theme.panel, 0.6).name()}; color: {theme.text}"
        texts = self._actions.key_texts(name)
        caps = [f'<span style="{style}">&nbsp;{escape(cap)}&nbsp;</span>' for cap in texts]
        return "&nbsp; ".join(caps) or f'<span style="color: {theme.muted}">{self.tr("no key")}</span>'

    def _pointer(self) -> str:
        """What the pointer does; these cannot be changed."""
        lines = (
            self.tr("Drag on the radiograph: draw a box. Drag a box or its handles: move or resize it."),
            self.tr("Wheel: zoom at the pointer. Space and drag, or middle button: pan."),
            self.tr("Right drag: window (left and right) and level (up and down)."),
        )
        body = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return f'<p style="color: {self._theme.muted}"><b>{self.tr("Pointer")}</b></p>{body}'
