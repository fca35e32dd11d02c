"""Writes a release: whole or not at all, and the same bytes for the same content."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import png
from detector.files import bytes_sha256, is_taken, replace_bytes, whole_folder
from detector.release.check import read_release
from detector.release.parse import read_annotations, read_folds
from detector.release.text import annotations_bytes, folds_bytes, manifest_bytes
from detector.release.values import (
    ANNOTATIONS,
    FOLDS,
    IMAGES,
    MANIFEST,
    Contents,
    Fault,
    Folds,
    Release,
    ReleaseError,
    ReleaseImage,
)

Item = tuple[ReleaseImage, NDArray[np.uint16]]


def write_release(
    out: Path,
    items: Iterable[Item],
    *,
    test: Sequence[str] = (),
    divide: Callable[[Contents], Folds] | None = None,
    about: Mapping[str, object] | None = None,
    on_image: Callable[[int], None] | None = None,
) -> Release:
    """Writes images with their pixels (uint16 [H, W], bone bright) to a folder that is empty or not there.

    Items are taken one by one, so memory does not grow with them. test: patients kept out of every fold.
    divide: makes the folds, such as `functools.partial(folds.split, seed=1)`; None leaves that for later.
    about: where the images come from, anything that JSON can hold, for the manifest. on_image gets the number
    of images written; what it or the items raise ends the writing, and nothing is left behind.

    Raises ReleaseError for a folder that is not empty, and for what the checker would find fault with;
    OSError where the disk will not have it.
    """
    out = out.resolve()
    if not out.parent.is_dir():
        raise ReleaseError(f"There is no folder {out.parent.name} to write {out.name} into.")
    if is_taken(out):
        raise ReleaseError(f"{out.name} is there already, and not empty.")
    with whole_folder(out) as folder:
        (folder / IMAGES).mkdir()
        first: dict[str, str] = {}
        images: list[ReleaseImage] = []
        for image, pixels in items:
            digest = _write_image(folder, image, pixels)
            if (same := first.setdefault(digest, image.file)) != image.file:
                raise ReleaseError(f"{image.file} is the same picture as {same}.")
            images.append(image)
            if on_image is not None:
                on_image(len(images))
        contents = Contents(tuple(images), tuple(test))
        parts = {ANNOTATIONS: annotations_bytes(contents)}
        _refuse(read_annotations(parts[ANNOTATIONS])[1])
        if divide is not None:
            parts[FOLDS] = folds_bytes(divide(contents))
            _refuse(read_folds(parts[FOLDS], contents)[1])
        files = {file: digest for digest, file in first.items()}
        files |= {name: bytes_sha256(data) for name, data in parts.items()}
        parts[MANIFEST] = manifest_bytes(about or {}, files)
        for name, data in parts.items():
            (folder / name).write_bytes(data)
    return read_release(out)


def replace_folds(release: Release, folds: Folds) -> None:
    """Puts these folds into a release, in the place of those that may be there."""
    data = folds_bytes(folds)
    _refuse(read_folds(data, release.contents)[1])
    files = {**release.manifest.files, FOLDS: bytes_sha256(data)}
    replace_bytes(release.folder / FOLDS, data)
    replace_bytes(release.folder / MANIFEST, manifest_bytes(release.manifest.about, files))


def _write_image(folder: Path, image: ReleaseImage, pixels: NDArray[np.uint16]) -> str:
    """Writes one image that would pass the checker; its SHA-256."""
    _refuse(read_annotations(annotations_bytes(Contents((image,))))[1])
    if pixels.shape != (image.height, image.width):
        size = f"{image.width} x {image.height}"
        raise ReleaseError(f"{image.file} is said to be {size}, and has the shape {pixels.shape}.")
    try:
        data = png.encode(pixels)
        with (folder / image.file).open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise ReleaseError(f"There are two images {image.file}.") from error
    except ValueError as error:
        raise ReleaseError(f"{image.file}: {error}") from error
    return bytes_sha256(data)


def _refuse(found: Sequence[Fault]) -> None:
    if found:
        raise ReleaseError(str(found[0]))
