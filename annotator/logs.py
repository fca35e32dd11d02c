"""The log of the program, the messages of Qt in it, and the note that a crash leaves.

**No patient data.** A filter cannot recognise a name, so the rule is upon every line that logs: log ids of
rows, counts and durations; never a name, a birth date, a UID, a comment or a path of a file. What Python says
about an error may hold any of these, so errors are logged by their kind and the lines of code they passed
through, without their words. Paths in Qt's messages are cut out.
"""

from __future__ import annotations

import faulthandler
import logging
import re
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from annotator.domain.errors import KnuckleError

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext

    from annotator.paths import DataPaths

log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_PATH = re.compile(r"(?:file:|[A-Za-z]:)?[/\\][^\"'\n]*")
_LONGEST_NOTE = 4000


def describe(error: BaseException) -> str:
    """The kind of an error and its way through the code, its causes first; never its words."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\nwhich led to\n".join(_way(link) for link in reversed(chain))


def last_crash(paths: DataPaths) -> str | None:
    """What the last run left when it broke down, at most 4000 characters; None when it ended well.

    Call it before `Logs` is made, which puts the note away as logs/crash.txt.
    """
    try:
        note = paths.crash.read_text("utf-8", errors="replace").strip()
    except OSError:
        return None
    return note[-_LONGEST_NOTE:] or None


class Logs:
    """Open from construction to `close`. Make one, after the data folder's lock is held.

    Messages of Qt and unexpected errors go on to whoever listened before.
    """

    def __init__(self, paths: DataPaths, version: str) -> None:
        """Raises KnuckleError where the log cannot be written."""
        try:
            self._handler = RotatingFileHandler(
                paths.logs / "knuckle.log", maxBytes=1_000_000, backupCount=5, encoding="utf-8"
            )
            _put_away(paths)
            self._crash = paths.crash.open("w", encoding="utf-8")
        except OSError as error:
            raise KnuckleError(
                "The log cannot be written.", "Check that the data folder may be written to."
            ) from error
        self._handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._root = logging.getLogger()
        self._level = self._root.level
        self._root.setLevel(logging.INFO)
        self._root.addHandler(self._handler)
        self._path = paths.crash
        self._qt = qInstallMessageHandler(self._qt_message)
        self._hook = sys.excepthook
        self._thread_hook = threading.excepthook
        sys.excepthook = self._unexpected
        threading.excepthook = self._unexpected_in_thread
        faulthandler.enable(self._crash)
        log.info("Knuckle %s starts, Python %s", version, sys.version.split()[0])

    def close(self) -> None:
        """End well: listeners as before, and no crash note where nothing went wrong."""
        log.info("Knuckle ends")
        faulthandler.disable()
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook
        qInstallMessageHandler(self._qt)
        self._root.removeHandler(self._handler)
        self._root.setLevel(self._level)
        self._handler.close()
        self._crash.close()
        if self._path.exists() and self._path.stat().st_size == 0:
            self._path.unlink()

    def _qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        logging.getLogger("qt").log(_LEVELS[kind], "%s", _PATH.sub("<path>", message or ""))
        if self._qt is not None:
            self._qt(kind, context, message or "")

    def _unexpected(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._note(error)
        if self._hook is sys.__excepthook__:
            print(describe(error), file=sys.stderr)
        else:
            self._hook(kind, error, trace)

    def _unexpected_in_thread(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self._note(what.exc_value)

    def _note(self, error: BaseException) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        text = describe(error)
        log.critical("Unexpected error\n%s", text)
        self._crash.write(text + "\n")
        self._crash.flush()


class _Discreet(logging.Formatter):
    """Writes an error without its words."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have written the error in full
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 (the name is the standard library's)
        error = ei[1] if isinstance(ei, tuple) else None
        return describe(error) if isinstance(error, BaseException) else ""


def _way(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}" for frame in frames
    ]
    return "\n".join([*lines, type(error).__name__])


def _put_away(paths: DataPaths) -> None:
    if last_crash(paths) is not None:
        paths.crash.replace(paths.logs / "crash.txt")
