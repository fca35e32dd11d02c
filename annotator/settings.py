"""The preferences of the desk: one frozen dataclass, one TOML file, replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import tomli_w

from annotator.domain.errors import KnuckleError
from annotator.domain.joint_names import NameStyle


@dataclass(frozen=True)
class Settings:
    """What a reader may choose. What changes results (blinding, reading order) is in the database instead."""

    theme: Literal["dark", "light"] = "dark"
    joint_names: Literal["MP", "MCP"] = "MP"
    digits: Literal["arabic", "roman"] = "arabic"
    language: Literal["en", "ja"] = "en"
    keys: Mapping[str, str] = field(default_factory=dict)
    """Name of an action -> its key as QKeySequence writes it; only the actions whose key was changed."""
    backup_keep: int = 10
    loupe_zoom: float = 3.0
    """Screen pixels for one image pixel under the loupe."""
    zoom_smooth: bool = True
    propose_ahead: bool = True
    """The detector looks at the open image and the next ones without being asked."""
    last_reader: str = ""
    last_study: str = ""
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """What a newer Knuckle wrote into the file: kept, and written back."""

    @property
    def name_style(self) -> NameStyle:
        """How joints are written."""
        return NameStyle(self.joint_names == "MCP", self.digits == "roman", self.language == "ja")


def load(path: Path) -> tuple[Settings, str | None]:
    """Read the preferences; never fails. The second value is a sentence for the reader, where there is one.

    No file: the defaults. A file that is no TOML is set aside as settings.toml.bad. A value that cannot be
    used is replaced by its default, the others stay.
    """
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return Settings(), _set_aside(path)
    except OSError:
        return Settings(), "The preferences could not be read; the defaults are used."
    values = {name: value for name, value in written.items() if name in _CHECKS}
    bad = sorted(name for name, value in values.items() if not _CHECKS[name](value))
    settings = Settings(
        **{name: value for name, value in values.items() if name not in bad},
        unknown={name: value for name, value in written.items() if name not in _CHECKS},
    )
    if bad:
        return settings, f"Preferences that cannot be used were set to their defaults: {', '.join(bad)}."
    return settings, None


def save(path: Path, settings: Settings) -> None:
    """Write the preferences whole, or leave the old file as it is and raise KnuckleError."""
    values = dict(settings.unknown)
    for name in _CHECKS:
        value = getattr(settings, name)
        values[name] = dict(value) if isinstance(value, Mapping) else value
    try:
        _replace(path, tomli_w.dumps(values).encode("utf-8"))
    except OSError as error:
        raise KnuckleError(
            "The preferences could not be saved.",
            "Check that there is room on the disk and that the data folder may be written to.",
        ) from error


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place so that a crash at any moment leaves the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name is on the disk only when the folder is
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _set_aside(path: Path) -> str:
    try:
        path.replace(path.with_name(path.name + ".bad"))
    except OSError:
        return "The preferences were damaged; the defaults are used."
    return f"The preferences were damaged and set aside as {path.name}.bad; the defaults are used."


def _one_of(*choices: str) -> Callable[[object], bool]:
    return lambda value: value in choices


def _text(value: object) -> bool:
    return isinstance(value, str)


def _switch(value: object) -> bool:
    return isinstance(value, bool)


def _keys(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, cast("dict[str, object]", value).values()))


def _between(low: float, high: float, *kinds: type) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        return type(value) in kinds and low <= cast("float", value) <= high

    return check


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "theme": _one_of("dark", "light"),
    "joint_names": _one_of("MP", "MCP"),
    "digits": _one_of("arabic", "roman"),
    "language": _one_of("en", "ja"),
    "keys": _keys,
    "backup_keep": _between(1, 1000, int),
    "loupe_zoom": _between(1.0, 16.0, int, float),
    "zoom_smooth": _switch,
    "propose_ahead": _switch,
    "last_reader": _text,
    "last_study": _text,
}
