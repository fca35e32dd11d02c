"""YOLO (Ultralytics' rule for detection): one text file an image, `labels/NAME.txt`, and `data.yaml`.

- A row is: class, centre x, centre y, width, height; the last four as parts of the image's width and height,
  in 8 digits. An edge comes back within 1e-8 of the image's size (0.00002 px of 2010). An image without boxes
  has an empty file. The class is the joint, 0 to 19 in the order of `domain.joints.JOINTS`; `data.yaml` names
  them, and says that the images belong into `images/`, under the names they have here.
- A row has no place for findings, certainty, reader and seen-the-model. They, the sizes of the images and the
  joints without a box stand in `labels.csv` beside it (see `table`), which reading takes them from. So there
  is no place for two readers of one joint: choose one of them, or a consensus.
- `README.txt` says what it is for.

Reading takes other programs' folders too, when it is told the sizes of the images; then a joint is all that
is known of a box. Classes are what `data.yaml` calls them, in whatever order. A box is cut at the edge of the
image. A box that was taken out of the text file is gone, also where `labels.csv` still has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Joint, joint_named
from annotator.exchange import table
from annotator.exchange.labels import NOTICE, LabelledImage, LabelledJoint, distinct, inside
from annotator.exchange.names import stem
from annotator.exchange.whole import read_text, unreadable, whole_folder

FOLDER, NAMES, README = "labels", "data.yaml", "README.txt"
CLASS = {joint: number for number, joint in enumerate(JOINTS)}
_COLUMNS = 5
_NUMBER = re.compile(r"\s*(?:(\d+)\s*:|-\s)?")


def write(out: Path, images: Iterable[LabelledImage], on_image: Callable[[int], None] | None = None) -> None:
    """Writes labels, data.yaml, labels.csv and README.txt into `out`, a folder that is empty or not there.

    Images are taken one by one, so that memory does not grow with them. on_image gets the number of images
    written; what it raises ends the writing, and nothing is left. Raises KnuckleError.
    """
    with whole_folder(out) as folder:
        (folder / FOLDER).mkdir()
        _write_text(folder / NAMES, _yaml())
        _write_text(folder / README, f"Finger joints on hand radiographs, by Knuckle. {NOTICE}\n")
        with table.TableFile(folder / table.FILE) as rows:
            for number, image in enumerate(distinct(images), 1):
                _refuse_two_readers(image)
                _write_text(folder / FOLDER / f"{stem(image.file_name)}.txt", _lines(image))
                rows.add(image)
                if on_image is not None:
                    on_image(number)


def _refuse_two_readers(image: LabelledImage) -> None:
    joints = [boxed.joint for boxed in image.boxed]
    if len(set(joints)) < len(joints):
        raise KnuckleError(
            f"{image.file_name} has boxes of two readers, and YOLO has no place for a reader.",
            "Export one reader or a consensus, or choose another format.",
            name=image.file_name,
        )


def _write_text(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _yaml() -> str:
    names = "".join(f"  {number}: {joint.name}\n" for joint, number in CLASS.items())
    return f"# {NOTICE}\npath: .\ntrain: images\nval: images\nnames:\n{names}"


def _lines(image: LabelledImage) -> str:
    return "".join(_line(boxed.joint, boxed.box, image.width, image.height) for boxed in image.boxed)


def _line(joint: Joint, box: Box, width: int, height: int) -> str:
    x, y = box.centre
    parts = (x / width, y / height, box.width / width, box.height / height)
    return f"{CLASS[joint]} " + " ".join(f"{min(part, 1.0):.8f}" for part in parts) + "\n"


def read(path: Path, sizes: Mapping[str, tuple[int, int]] | None = None) -> tuple[LabelledImage, ...]:
    """The images of a folder with `labels`, in the order of `sizes` or of labels.csv.

    sizes: width and height of each image, by file name; None to take them from labels.csv. Raises
    KnuckleError, also for an image without its text file and for a text file without its image.
    """
    if sizes is None:
        images = table.read(path)
    else:
        images = tuple(LabelledImage(name, *size) for name, size in sizes.items())
    folder = path / FOLDER
    classes = _classes(path / NAMES)
    known = {stem(image.file_name) for image in images}
    if strangers := sorted(file.name for file in folder.glob("*.txt") if file.stem not in known):
        raise unreadable(folder / strangers[0], "the image it belongs to is not known")
    return tuple(_read_image(folder / f"{stem(image.file_name)}.txt", image, classes) for image in images)


def _classes(path: Path) -> Sequence[Joint]:
    """The joints that data.yaml names, by class: a list in brackets, or a row each, numbered or not."""
    _, _, said = f"\n{read_text(path)}".partition("\nnames:")
    if said.lstrip().startswith("["):
        rows = said.partition("[")[2].partition("]")[0].split(",")
    else:
        rows = list(takewhile(lambda row: row.startswith((" ", "-")), said.splitlines()[1:]))
    names = [_NUMBER.sub("", row).strip(" '\"\n") for row in rows]
    numbers = [int(found[1]) for row in rows if (found := _NUMBER.match(row)) and found[1]]
    try:
        if not names or numbers not in ([], list(range(len(names)))):
            raise ValueError("it does not name the classes from 0 on")
        return [joint_named(name) for name in names]
    except ValueError as error:
        raise unreadable(path, error) from error


def _read_image(path: Path, image: LabelledImage, classes: Sequence[Joint]) -> LabelledImage:
    known = {boxed.joint: boxed.label for boxed in image.boxed}
    labels = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            if line.strip():
                joint, box = _parsed(line.split(), classes, image.width, image.height)
                nothing = LabelledJoint(joint, seen=None)
                labels.append(replace(known.get(joint, nothing), box=box))
        except ValueError as error:
            raise unreadable(path, f"line {number}: {error}") from error
    try:
        return replace(image, joints=(*labels, *image.unboxed))
    except ValueError as error:
        raise unreadable(path, error) from error


def _parsed(cells: list[str], classes: Sequence[Joint], width: int, height: int) -> tuple[Joint, Box]:
    if len(cells) != _COLUMNS:
        raise ValueError(f"{len(cells)} values where there should be {_COLUMNS}")
    if not (cells[0].isdecimal() and int(cells[0]) < len(classes)):
        raise ValueError(f"no class 0 to {len(classes) - 1}: {cells[0]}")
    x, y, w, h = (float(cell) for cell in cells[1:])
    box = Box.around((x * width, y * height), w * width, h * height)
    return classes[int(cells[0])], inside(box, width, height)
