"""An export that is there whole or not at all, and foreign files that are read with a limit."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annotator.domain.errors import KnuckleError

MOST_BYTES = 512 * 1024 * 1024
"""Of one file of labels: 1.5 million joints as COCO."""
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its name when everything is in it, or goes with everything in it.

    Whatever is raised inside ends it, a cancellation included. Raises KnuckleError for an `out` that is there
    and not an empty folder, for one whose parent is not there, and where the disk will not have it. What a
    process that is killed leaves behind is called .NAME.*.part.
    """
    out = Path(os.path.abspath(out))
    with told(out.name):
        _refuse_taken(out)
        part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
        part.mkdir()
        try:
            yield part
            if out.exists():
                out.rmdir()
            part.rename(out)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """As `whole_folder`, for one file, which is not there yet."""
    out = Path(os.path.abspath(out))
    with told(out.name):
        _refuse_taken(out)
        part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
        try:
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.rename(out)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def told(name: str) -> Iterator[None]:
    """An OSError inside becomes a KnuckleError. name: of what is written."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise KnuckleError(
                f"{name} could not be written: the disk is full.",
                "Make room on the disk or choose another one, then export again; nothing was left behind.",
                name=name,
            ) from error
        reason = error.strerror or type(error).__name__
        raise KnuckleError(
            f"{name} could not be written: {reason}.",
            "Check the folder and your rights in it, then export again; nothing was left behind.",
            name=name,
            reason=reason,
        ) from error


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """The text of a foreign file, in UTF-8 with or without a byte order mark. most: bytes.

    Raises KnuckleError.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from error
    if len(data) > most:
        raise unreadable(path, f"it is larger than {most // 2**20} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(path, "it is not text in UTF-8") from error


def unreadable(path: Path, reason: object) -> KnuckleError:
    """What is said of a file of labels that cannot be taken."""
    return KnuckleError(
        f"{path.name} cannot be read: {reason}.",
        "Check that it is the right file and complete, then import it again; nothing was changed.",
        name=path.name,
        reason=str(reason),
    )


def _refuse_taken(out: Path) -> None:
    if not out.parent.is_dir():
        raise KnuckleError(
            f"There is no folder {out.parent.name} to write {out.name} into.",
            "Make it first, or choose another one.",
            folder=out.parent.name,
            name=out.name,
        )
    if os.path.lexists(out) and (out.is_symlink() or not out.is_dir() or any(out.iterdir())):
        raise KnuckleError(
            f"{out.name} is there already, and not an empty folder.",
            "Choose a name that is not taken, or an empty folder.",
            name=out.name,
        )
