"""Files and folders that are there whole or not at all, their hashes, and JSON that is read with distrust."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def is_taken(folder: Path) -> bool:
    """Whether something is there already, other than an empty folder."""
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out`, which is not taken, that takes its name in the end, or goes with everything in
    it. Raises OSError."""
    out = out.resolve()
    part = beside(out)
    part.mkdir()
    try:
        yield part
        if out.exists():
            out.rmdir()
        part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def replace_text(path: Path, text: str) -> None:
    """As `replace_bytes`, in UTF-8."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all, also after the power failed; several may write
    the same one. What a killed one leaves is called .NAME.*.part. Raises OSError."""
    part = beside(path)
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def bytes_sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """In hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def strict_json(data: bytes) -> Any:
    """What JSON in UTF-8 says. Raises ValueError, or RecursionError, for anything else, NaN and repeated
    fields included."""
    return json.loads(data.decode("utf-8"), object_pairs_hook=no_field_twice, parse_constant=no_constant)


def no_field_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands there twice")
    return found


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
