"""Which files a person means who drops files, folders and DICOMDIRs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from annotator.domain.errors import KnuckleError
from annotator.imaging import part10, refusals

DICOMDIR = "dicomdir"


@dataclass(frozen=True, slots=True)
class Found:
    """One file to import. named: asked for by name (or listed by a DICOMDIR), so that it may not be
    passed over. refused: why there is nothing to read here, where that is known already."""

    path: Path
    named: bool
    refused: KnuckleError | None = None


def walk(paths: Iterable[Path]) -> Iterator[Found]:
    """Every file meant by these paths, each once: files, folders with all below them, DICOMDIRs.

    Folders are walked in sorted order and without following links to folders. A DICOMDIR inside a
    folder is left out, since the files that it lists lie there too. Raises nothing: what cannot be
    read is yielded, for whoever reads it to say why.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _meant_by(Path(os.path.abspath(path))):  # not resolve(): links keep their names
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _meant_by(path: Path) -> Iterator[Found]:
    if os.path.isdir(path):  # unlike Path.is_dir, this never raises
        yield from _below(path)
    elif path.name.lower() == DICOMDIR and os.path.isfile(path):
        yield from _listed(path)
    else:
        yield Found(path, named=True)


def _below(folder: Path) -> Iterator[Found]:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(here, named=True, refused=refusals.of_system(error))
            continue
        folders = [Path(entry.path) for entry in inside if entry.is_dir(follow_symlinks=False)]
        for entry in inside:
            linked_folder = entry.is_symlink() and os.path.isdir(entry.path)
            if not (entry.is_dir(follow_symlinks=False) or linked_folder or entry.name.lower() == DICOMDIR):
                yield Found(Path(entry.path), named=False)
        waiting.extend(reversed(folders))


def _listed(dicomdir: Path) -> Iterator[Found]:
    """The files that a DICOMDIR lists (PS3.3 F.3.2.2), only from its own folder and below."""
    try:
        names = _referenced(dicomdir)
    except KnuckleError as error:
        yield Found(dicomdir, named=True, refused=error)
        return
    root = dicomdir.parent
    for components in names:
        path = _inside(root, components)
        if path is None:
            yield Found(dicomdir, named=True, refused=refusals.damaged("it lists files outside its folder"))
        else:
            yield Found(path, named=True)
    if not names:
        yield Found(dicomdir, named=True, refused=refusals.no_pixels())


def _referenced(dicomdir: Path) -> list[tuple[str, ...]]:
    from annotator.imaging.header import directory_entries

    data, info = part10.read_bytes(dicomdir)
    return directory_entries(part10.split(data, info.st_size))


def _inside(root: Path, components: tuple[str, ...]) -> Path | None:
    """The file of these name parts below root; None where they lead out of it. Discs are written in
    capitals and copied in small letters, so the spelling on the disk is looked for."""
    path = root
    for part in components:
        if part in ("", ".", "..") or Path(part).name != part or "\\" in part or ":" in part:
            return None
        path = _as_spelt(path, part)
    return path if path.resolve().is_relative_to(root.resolve()) else None


def _as_spelt(folder: Path, name: str) -> Path:
    exact = folder / name
    if os.path.lexists(exact):
        return exact
    try:
        spellings = [entry for entry in os.listdir(folder) if entry.lower() == name.lower()]
    except OSError:
        return exact
    return folder / spellings[0] if spellings else exact
