"""File names that stay in their folder on every system."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath

LONGEST = 120
"""Letters of a name."""
_LONGEST_BYTES = 240
_RESERVED = {
    *("CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"),
    *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"),
}
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


def is_sound(name: str) -> bool:
    """Whether this can name a file in a folder, on every system, and no file anywhere else."""
    return not (
        not name
        or len(name) > LONGEST
        or len(name.encode("utf-8", "replace")) > _LONGEST_BYTES
        or name != name.strip(" ")
        or name[0] == "."
        or name[-1] == "."
        or _FORBIDDEN.search(name)
        or not is_plain(name)
        or name.split(".")[0].strip().upper() in _RESERVED
    )


def sound(text: str) -> str:
    """A name made of any text, itself where it is sound. Two texts may give the same name."""
    name = unicodedata.normalize("NFC", text)
    name = "".join(letter if is_plain(letter) else "_" for letter in _FORBIDDEN.sub("_", name))
    name = name.strip(" ").lstrip(".").strip(" ")[:LONGEST]
    while len(name.encode("utf-8")) > _LONGEST_BYTES:
        name = name[:-1]
    name = name.rstrip(". ") or "_"
    return name if is_sound(name) else f"_{name}"[:LONGEST].rstrip(". ")


def is_plain(text: str) -> bool:
    """Without control characters, halves of characters and what is none: XML has no place for them."""
    return not any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or ord(letter) & 0xFFFE == 0xFFFE
        for letter in text
    )


def stem(name: str) -> str:
    """The name without its last ending, which is what the labels of an image are called by."""
    return name.rpartition(".")[0] or name


def collision_key(name: str) -> str:
    """The same for two names that some system takes for one."""
    return unicodedata.normalize("NFC", stem(name)).casefold()


def below(folder: Path, name: str) -> Path | None:
    """A file of the folder, by a name that may have folders; None where that leaves it, also by a link."""
    path = PurePosixPath(name.replace("\\", "/"))
    if not name or not name.isprintable() or ":" in name or path.is_absolute() or ".." in path.parts:
        return None
    found = folder / path
    try:
        return found if found.resolve().is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError):  # links that go round in a circle
        return None
