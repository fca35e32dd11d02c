"""Files and folders dropped on the window, wherever a part of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget


class FileDrops(QObject):
    """Lets widgets take dropped files: the main window, and its docks, which float as windows of their own.

    paths_dropped(list[Path]): local files and folders. allowed: whether anything may be dropped just now.
    """

    paths_dropped = Signal(list)

    def __init__(self, widgets: Iterable[QWidget], allowed: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._allowed = allowed
        for widget in widgets:
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.DragEnter, QEvent.Type.Drop) or not isinstance(event, QDropEvent):
            return False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths or not self._allowed():
            event.ignore()
            return True
        event.acceptProposedAction()
        if kind == QEvent.Type.Drop:
            self.paths_dropped.emit(paths)
        return True
