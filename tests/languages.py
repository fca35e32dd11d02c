"""Languages for tests, and a window that speaks one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from annotator.domain.words import Translate


class Language(QTranslator):
    def __init__(self, into: Translate) -> None:
        super().__init__()
        self._into = into

    def translate(self, context: str, source: str, _note: str | None = None, _n: int = -1) -> str:
        return self._into(context, source)

    def isEmpty(self) -> bool:
        return False


def shout(_context: str, text: str) -> str:
    """A language in which every word is a capital; what is not translated stays small."""
    return "".join(part if "{" in part else part.upper() for part in _parts(text))


def knowing(words: Mapping[tuple[str, str], str]) -> Translate:
    """A language of so many words, by context and English text; all else stays English."""
    return lambda context, text: words.get((context, text), text)


@contextmanager
def spoken(into: Translate) -> Iterator[None]:
    language = Language(into)
    QApplication.installTranslator(language)
    try:
        yield
    finally:
        QApplication.removeTranslator(language)


def _parts(text: str) -> list[str]:
    """The text cut so that each {name} is a part of its own."""
    return text.replace("{", "\0{").replace("}", "}\0").split("\0")
