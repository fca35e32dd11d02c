"""Opens a release, and finds everything that is wrong with one."""

import os
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from detector import png
from detector.files import bytes_sha256
from detector.release.parse import read_annotations, read_folds, read_manifest
from detector.release.values import (
    ANNOTATIONS,
    FOLDS,
    LARGEST,
    MANIFEST,
    Contents,
    Fault,
    FaultKind,
    Folds,
    Manifest,
    Release,
    ReleaseError,
    ReleaseImage,
)

LARGEST_FILE = 2 * LARGEST * LARGEST + 2**24  # bytes: no 16-bit image of that size needs more


@dataclass
class _Opened:
    """What the JSON files of a folder say, as far as they can be read."""

    contents: Contents | None = None
    folds: Folds | None = None
    manifest: Manifest | None = None
    faults: list[Fault] = field(default_factory=list)

    def digest(self, path: str) -> str | None:
        return None if self.manifest is None else self.manifest.files.get(path)


def read_release(folder: Path, *, with_folds: bool = True) -> Release:
    """The release in a folder. Its JSON files are read and compared with their hashes, its images are not.

    with_folds: False passes over folds.json, so that it can be made anew. Raises ReleaseError with the first
    fault; `faults` names them all.
    """
    folder = folder.resolve()  # "." has no name
    opened = _open(folder, with_folds)
    if opened.faults:
        first, *others = opened.faults
        more = " There is 1 more fault." if len(others) == 1 else f" There are {len(others)} more faults."
        raise ReleaseError(f"{first}{more if others else ''}")
    assert opened.contents is not None  # else there would be a fault
    assert opened.manifest is not None
    return Release(folder, opened.contents, opened.folds, opened.manifest)


def faults(folder: Path, on_image: Callable[[int], None] | None = None) -> list[Fault]:
    """Everything that is wrong with the release in a folder; empty for a sound one.

    Each file is read once, one at a time. on_image gets the number of images looked at; what it raises ends
    the check. Folds that are not there yet are no fault.
    """
    folder = folder.resolve()
    opened = _open(folder, with_folds=True)
    if not folder.is_dir():
        return opened.faults
    there, found = set(), opened.faults
    for path, is_link in _files(folder):
        if is_link:
            found.append(Fault(FaultKind.PATH, path, "It is a link, which may leave the folder."))
        else:
            there.add(path)
    images = {} if opened.contents is None else {image.file: image for image in opened.contents.images}
    if opened.manifest is not None:
        known = images.keys() if opened.contents is not None else None
        found += _strays(there, opened.manifest.files, known)
    found += (
        Fault(FaultKind.MISSING, path, "It is not there.")
        for path in sorted(images.keys() - there)
        if opened.digest(path) is None
    )
    first: dict[str, str] = {}
    for done, path in enumerate((path for path in images if path in there), 1):
        found += _image_faults(folder, images[path], opened.digest(path), first)
        if on_image is not None:
            on_image(done)
    return found


def _open(folder: Path, with_folds: bool) -> _Opened:
    opened = _Opened()
    if not folder.is_dir():
        opened.faults.append(Fault(FaultKind.MISSING, folder.name or str(folder), "There is no such folder."))
        return opened
    if (data := _bytes(folder, MANIFEST, opened.faults)) is not None:
        opened.manifest, found = read_manifest(data)
        opened.faults += found
    if (data := _listed(folder, ANNOTATIONS, opened)) is not None:
        opened.contents, found = read_annotations(data)
        opened.faults += found
    wanted = with_folds and (opened.digest(FOLDS) is not None or (folder / FOLDS).exists())
    if wanted and (data := _listed(folder, FOLDS, opened)) is not None:
        opened.folds, found = read_folds(data, opened.contents)
        opened.faults += found
    return opened


def _listed(folder: Path, name: str, opened: _Opened) -> bytes | None:
    """The content of a file, after a look into the manifest."""
    data = _bytes(folder, name, opened.faults)
    if data is not None and opened.manifest is not None:
        opened.faults += _changed(name, data, opened.digest(name))
    return data


def _changed(path: str, data: bytes, digest: str | None) -> Iterator[Fault]:
    if digest is None:
        yield Fault(FaultKind.EXTRA, path, "It is not in the manifest.")
    elif bytes_sha256(data) != digest:
        yield Fault(FaultKind.CHANGED, path, "It was changed since the release was made.")


def _bytes(folder: Path, path: str, found: list[Fault]) -> bytes | None:
    """The content of a file, or None and one more fault."""
    file = folder / path
    try:
        if file.is_file() and file.stat().st_size > LARGEST_FILE:
            found.append(Fault(FaultKind.SIZE, path, f"It is larger than {LARGEST_FILE} bytes."))
            return None
        return file.read_bytes()
    except FileNotFoundError:
        found.append(Fault(FaultKind.MISSING, path, "It is not there."))
    except OSError as error:
        found.append(Fault(FaultKind.UNREADABLE, path, f"It cannot be read: {error.strerror}."))
    return None


def _files(folder: Path) -> Iterator[tuple[str, bool]]:
    """Everything in the folder that is no folder itself, and whether it is a link."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(place) / name
            yield path.relative_to(folder).as_posix(), path.is_symlink()


def _strays(there: set[str], listed: Mapping[str, str], images: Set[str] | None) -> Iterator[Fault]:
    """Files that are there and not in the manifest, in the manifest and not there, or of no image."""
    own = {MANIFEST, ANNOTATIONS, FOLDS}  # looked at when they were opened
    for path in sorted(there - listed.keys() - own):
        yield Fault(FaultKind.EXTRA, path, "It is not in the manifest.")
    for path in sorted(listed.keys() - there - own):
        yield Fault(FaultKind.MISSING, path, "It is not there.")
    if images is not None:
        for path in sorted((listed.keys() & there) - images - own):
            yield Fault(FaultKind.EXTRA, path, f"No image of {ANNOTATIONS} has this file.")


def _image_faults(
    folder: Path, image: ReleaseImage, digest: str | None, first: dict[str, str]
) -> list[Fault]:
    """What is wrong with one image file. first: hash -> the first file that has it; grows."""
    found: list[Fault] = []
    data = _bytes(folder, image.file, found)
    if data is None:
        return found
    if digest is not None:
        found += _changed(image.file, data, digest)
    before = first.setdefault(bytes_sha256(data), image.file)
    if before != image.file:
        found.append(Fault(FaultKind.SAME, image.file, f"It is the same picture as {before}."))
    try:
        header = png.header(data)
        if words := png.unlike(header):
            return [*found, Fault(FaultKind.DEPTH, image.file, words)]
        if (header.width, header.height) != (image.width, image.height):
            words = f"It is {header.width} x {header.height} pixels, not {image.width} x {image.height}."
            return [*found, Fault(FaultKind.SIZE, image.file, words)]
        png.decode(data)
    except ValueError as error:
        found.append(Fault(FaultKind.IMAGE, image.file, str(error)))
    return found
