"""A table in CSV: one row a joint, `labels.csv`.

- UTF-8 with a byte order mark, commas, rows ending in CR LF, first row the names of COLUMNS.
- x0, y0, x1, y1 are the edges of the box in pixels, origin at the outer corner of the top-left pixel, in as
  many digits as a float needs: they come back exactly. Empty for a joint without a box.
- Findings, certainty, reader and seen-the-model are the words of `labels`, each in a column of its own. note
  says in every row what the table is for, since rows are copied elsewhere; pixels_sha256 tells the radiograph
  from every other one, and is empty where it is not known.
- An image without joints has one row whose joint is empty.
- **Text that a spreadsheet would run as a formula** (file, patient_code or reader beginning with = + - @,
  TAB, CR, LF, or = + - @ in full width) gets an apostrophe before it, and so does text that begins with an
  apostrophe: reading takes exactly one away again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from annotator.domain.geometry import Box
from annotator.exchange.labels import (
    NOTICE,
    WORDS,
    LabelledImage,
    LabelledJoint,
    distinct,
    inside,
    label_from,
    words,
)
from annotator.exchange.whole import read_text, unreadable, whole_folder

FILE = "labels.csv"
EDGES = ("x0", "y0", "x1", "y1")
HASH = "pixels_sha256"
COLUMNS = ("file", "width", "height", "patient_code", "visit", "joint", *EDGES, *WORDS, HASH, "note")
_TEXTS = ("file", "patient_code", "reader")
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
_ENCODING = "utf-8-sig"


def write(out: Path, images: Iterable[LabelledImage], on_image: Callable[[int], None] | None = None) -> None:
    """Writes `out` / labels.csv. out: a folder that is empty or not there.

    Images are taken one by one, so that memory does not grow with them. on_image gets the number of images
    written; what it raises ends the writing, and nothing is left. Raises KnuckleError.
    """
    with whole_folder(out) as folder, TableFile(folder / FILE) as file:
        for number, image in enumerate(distinct(images), 1):
            file.add(image)
            if on_image is not None:
                on_image(number)


class TableFile:
    """A new labels.csv to which images are added; a context manager. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("x", encoding=_ENCODING, newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def __enter__(self) -> TableFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, image: LabelledImage) -> None:
        self._writer.writerows(_rows(image))


def _rows(image: LabelledImage) -> Iterator[list[object]]:
    shared = [
        harmless(image.file_name),
        image.width,
        image.height,
        harmless(image.patient_code),
        image.visit,
    ]
    for label in image.joints:
        said = words(label)
        said["reader"] = harmless(said["reader"])
        edges = label.box.corners if label.box else ("", "", "", "")
        yield [*shared, label.joint.name, *edges, *said.values(), image.pixels_sha256, NOTICE]
    if not image.joints:
        yield [*shared, *[""] * (1 + len(EDGES) + len(WORDS)), image.pixels_sha256, NOTICE]


def harmless(text: str) -> str:
    """Text that no spreadsheet runs; `as_meant` gives back what it was."""
    return f"'{text}" if text.startswith(_RUN) else text


def as_meant(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUN) else text


def read(path: Path) -> tuple[LabelledImage, ...]:
    """The images of such a table, or of labels.csv in a folder, in the order of their first rows.

    Columns are found by name; those that a spreadsheet added are passed over. Raises KnuckleError.
    """
    path = path / FILE if path.is_dir() else path
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""), restkey="", restval="", strict=True)
    images: dict[str, LabelledImage] = {}
    labels: dict[str, list[LabelledJoint]] = {}
    try:
        if missing := [name for name in COLUMNS[:10] if name not in (rows.fieldnames or ())]:
            raise ValueError(f"column {missing[0]} is missing")
        for row in rows:
            _take(row, images, labels)
        return tuple(_with(image, labels[name]) for name, image in images.items())
    except (csv.Error, ValueError, OverflowError) as error:
        line = f"line {rows.line_num}: " if rows.line_num else ""
        raise unreadable(path, f"{line}{error}") from error


def _with(image: LabelledImage, labels: list[LabelledJoint]) -> LabelledImage:
    return replace(image, joints=tuple(labels))


def _take(
    row: dict[str, str], images: dict[str, LabelledImage], labels: dict[str, list[LabelledJoint]]
) -> None:
    cells = row | {name: as_meant(row.get(name, "")) for name in _TEXTS}
    name = cells["file"]
    size = int(cells["width"]), int(cells["height"])
    whose = cells["patient_code"], int(cells["visit"] or 0)
    image = LabelledImage(name, *size, *whose, pixels_sha256=cells.get(HASH, ""))
    if images.setdefault(name, image) != image:
        raise ValueError(f"{name} is not the same image as in an earlier row")
    of_image = labels.setdefault(name, [])
    if cells["joint"]:
        of_image.append(label_from(cells["joint"], _box(cells, *size), cells))


def _box(cells: dict[str, str], width: int, height: int) -> Box | None:
    if not any(cells[edge] for edge in EDGES):
        return None
    x0, y0, x1, y1 = (float(cells[edge]) for edge in EDGES)
    return inside(Box(x0, y0, x1, y1), width, height)
