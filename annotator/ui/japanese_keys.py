"""Letters of the keys on a keyboard that types kana or full-width letters.

Outside text fields the input method is off (`keep_input_method_out`), so an ordinary Japanese input method
never sees Knuckle's keys. A keyboard locked to kana (JIS X 6002) or one that sends full-width letters reaches
the window with another letter for the same key; `latin_key` says which one is printed on it.
"""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

_ROWS = (
    ("ぬふあうえおやゆよわほへ", "1234567890-^"),
    ("たていすかんなにらせ", "qwertyuiop"),
    ("ちとしはきくまのりれけ", "asdfghjkl;:"),
    ("つさそひこみもねるめ", "zxcvbnm,./"),
)
_KANA = {kana: letter for row in _ROWS for kana, letter in zip(*row, strict=True)}
_SMALL = dict(zip("ぁぃぅぇぉゃゅょっ", "あいうえおやゆよつ", strict=True))


def latin_key(text: str) -> str:
    """The letter, digit or sign printed on the key which sent this kana or full-width text, else ""."""
    if len(text) != 1 or text.isascii():
        return ""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isascii():
        return plain.upper()
    hiragana = chr(ord(plain) - 0x60) if "ァ" <= plain <= "ヶ" else plain
    return _KANA.get(_SMALL.get(hiragana, hiragana), "").upper()


def keep_input_method_out(*widgets: QWidget) -> None:
    """Keys pressed in these widgets come as keys, whatever input method is switched on."""
    for widget in widgets:
        widget.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        if isinstance(widget, QAbstractScrollArea):
            widget.viewport().setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
