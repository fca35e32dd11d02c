"""Pascal VOC: one XML file an image, `Annotations/NAME.xml`.

- An object's name is its joint (R-PIP3). Findings, certainty, reader and seen-the-model are the words of
  `labels`, under `attributes` as attribute/name and attribute/value, where CVAT writes its own. difficult is
  1 for a joint that is not assessable, truncated 1 where the reason is "cropped".
- bndbox is in whole pixels, counted from 1, both ends included: xmin = round(x0) + 1, xmax = round(x1). So an
  edge moves by up to 0.5 px, and a box thinner than a pixel becomes one pixel wide. Reading takes xmin - 1
  and xmax as the edges again: what was read is written as it was. A bndbox with fractions, as some programs
  write it, is read the same way.
- `patient_code`, `visit`, and under `unboxed` the joints without a box (as joint/name and attributes) are
  elements of our own, which readers of VOC pass over. source/database says what it is for.

Reading takes other programs' files as far as their objects are called like joints: what is not said is "",
and a box is cut at the edge of the image. A file with a document type is refused: nobody needs one here, and
entities are how a small file becomes a large one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box
from annotator.exchange.labels import (
    NOTICE,
    LabelledImage,
    LabelledJoint,
    distinct,
    inside,
    label_from,
    words,
)
from annotator.exchange.names import stem
from annotator.exchange.whole import read_text, unreadable, whole_folder

FOLDER = "Annotations"
Element = ET.Element


def write(out: Path, images: Iterable[LabelledImage], on_image: Callable[[int], None] | None = None) -> None:
    """Writes `out` / Annotations, a file an image. out: a folder that is empty or not there.

    Images are taken one by one, so that memory does not grow with them. on_image gets the number of images
    written; what it raises ends the writing, and nothing is left. Raises KnuckleError.
    """
    with whole_folder(out) as folder:
        (folder / FOLDER).mkdir()
        for number, image in enumerate(distinct(images), 1):
            tree = _annotation(image)
            ET.indent(tree)
            data = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
            with (folder / FOLDER / f"{stem(image.file_name)}.xml").open("xb") as file:
                file.write(data + b"\n")
            if on_image is not None:
                on_image(number)


def _annotation(image: LabelledImage) -> Element:
    root = Element("annotation")
    _say(root, folder="", filename=image.file_name)
    _say(_inside(root, "source"), database=f"Knuckle. {NOTICE}", annotation="Knuckle", image="radiograph")
    _say(_inside(root, "size"), width=image.width, height=image.height, depth=1)
    _say(root, segmented=0, patient_code=image.patient_code, visit=image.visit)
    for boxed in image.boxed:
        _add_object(root, boxed.label, _whole_pixels(boxed.box, image.width, image.height))
    if image.unboxed:
        unboxed = _inside(root, "unboxed")
        for label in image.unboxed:
            joint = _inside(unboxed, "joint")
            _say(joint, name=label.joint.name)
            _add_words(joint, label)
    return root


def _add_object(root: Element, label: LabelledJoint, ends: tuple[int, int, int, int]) -> None:
    thing = _inside(root, "object")
    cropped = label.not_assessable is NotAssessable.CROPPED
    _say(thing, name=label.joint.name, pose="Unspecified")
    _say(thing, truncated=int(cropped), difficult=int(label.not_assessable is not None))
    _say(_inside(thing, "bndbox"), **dict(zip(("xmin", "ymin", "xmax", "ymax"), ends, strict=True)))
    _add_words(thing, label)


def _add_words(parent: Element, label: LabelledJoint) -> None:
    attributes = _inside(parent, "attributes")
    for name, value in words(label).items():
        _say(_inside(attributes, "attribute"), name=name, value=value)


def _inside(parent: Element, tag: str) -> Element:
    return ET.SubElement(parent, tag)


def _say(parent: Element, **values: object) -> None:
    for tag, value in values.items():
        _inside(parent, tag).text = str(value)


def _whole_pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """xmin, ymin, xmax, ymax, from 1 to the size of the image, both ends included."""
    x0, y0 = (min(max(round(v), 0), size - 1) for v, size in ((box.x0, width), (box.y0, height)))
    x1, y1 = min(max(round(box.x1), x0 + 1), width), min(max(round(box.y1), y0 + 1), height)
    return x0 + 1, y0 + 1, x1, y1


def read(path: Path) -> tuple[LabelledImage, ...]:
    """The images of one VOC file, or of all those in a folder or in its Annotations, by file name.

    Raises KnuckleError.
    """
    if not path.is_dir():
        return (_read_file(path),)
    whole = (path / FOLDER).is_dir()
    files = sorted((path / FOLDER if whole else path).glob("*.xml"))
    if not files and not whole:
        raise unreadable(path, "there are no annotations in it")
    return tuple(_read_file(file) for file in files)


def _read_file(path: Path) -> LabelledImage:
    text = read_text(path)
    if "<!DOCTYPE" in text:
        raise unreadable(path, "it has a document type")
    try:
        return _image(ET.fromstring(text))
    except (ET.ParseError, ValueError, OverflowError, RecursionError) as error:
        raise unreadable(path, error) from error


def _image(root: Element) -> LabelledImage:
    width, height = int(_text(root, "size/width")), int(_text(root, "size/height"))
    labels = []
    for thing in root.findall("object"):
        box = inside(_box(thing), width, height)
        labels.append(label_from(_text(thing, "name"), box, _words_of(thing)))
    unboxed = root.findall("unboxed/joint")
    labels += [label_from(_text(joint, "name"), None, _words_of(joint)) for joint in unboxed]
    return LabelledImage(
        _text(root, "filename"),
        width,
        height,
        root.findtext("patient_code", ""),
        int(root.findtext("visit", "") or 0),
        tuple(labels),
    )


def _box(thing: Element) -> Box:
    x0, y0, x1, y1 = (float(_text(thing, f"bndbox/{end}")) for end in ("xmin", "ymin", "xmax", "ymax"))
    return Box(x0 - 1, y0 - 1, x1, y1)


def _words_of(thing: Element) -> dict[str, str]:
    return {_text(one, "name"): one.findtext("value", "") for one in thing.findall("attributes/attribute")}


def _text(parent: Element, path: str) -> str:
    """Raises ValueError where the element is missing or empty."""
    if not (found := (parent.findtext(path) or "").strip()):
        raise ValueError(f"{path} is missing")
    return found
