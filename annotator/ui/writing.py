"""Files that a dialog writes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QIODevice, QSaveFile

from annotator.domain.errors import KnuckleError


def put_in_place(path: Path, content: bytes, what: str) -> None:
    """Written when all of it is on the disk. what: "report", "table", for the reader.

    Raises KnuckleError and leaves what was there.
    """
    file = QSaveFile(str(path))
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not (opened and file.write(content) == len(content) and file.commit()):
        reason = file.errorString()
        raise KnuckleError(
            f"The {what} could not be written: {reason}.",
            "Check the free space and the rights in the folder.",
            reason=reason,
        )
