"""What became of long work on a study, told to whoever is there when it ends."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Outcomes(QObject):
    """Lives as long as the program: an import may end under another window than the one it began in.

    imported(Study, ImportResult). relocated(Relocation). sampled(): the sample study is whole.
    failed(KnuckleError): the work broke off; what it had done until then is kept.
    """

    imported = Signal(object, object)
    relocated = Signal(object)
    sampled = Signal()
    failed = Signal(object)
