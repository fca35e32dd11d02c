"""COCO object detection: one JSON file, `annotations.json`.

- Categories are the twenty joints: id 1 to 20 in the order of `domain.joints.JOINTS`, name such as R-PIP3,
  supercategory its kind (IP, PIP, MP). Findings are no categories, since a joint may carry two of them; they,
  certainty, reader and seen-the-model are the words of `labels`, in "attributes" of an annotation.
- bbox is x, y, width, height in pixels, origin at the outer corner of the top-left pixel, in all digits of
  a 64-bit float. Width is the difference of the edges, so x0 and y0 come back exactly, x1 and y1 within the
  last digit of a float (1e-11 px).
- segmentation is empty (a box is no outline), iscrowd 0, area width x height.
- An image has patient_code, visit, pixels_sha256 where it is known, and under "unboxed" the joints that have
  no box, as category_id and attributes.
- info.description says what it is for; there is no date, so that the same labels give the same bytes.

Reading takes other programs' files as far as their categories are called like joints: what is not said is "",
and a box is cut at the edge of the image.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from annotator import __version__
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS
from annotator.exchange.labels import (
    NOTICE,
    LabelledImage,
    LabelledJoint,
    distinct,
    inside,
    label_from,
    words,
)
from annotator.exchange.whole import read_text, unreadable, whole_folder

FILE = "annotations.json"
CATEGORY = {joint: number for number, joint in enumerate(JOINTS, 1)}


def write(out: Path, images: Iterable[LabelledImage], on_image: Callable[[int], None] | None = None) -> None:
    """Writes `out` / annotations.json. out: a folder that is empty or not there.

    Images are taken one by one, so that memory does not grow with them. on_image gets the number of images
    written; what it raises ends the writing, and nothing is left. Raises KnuckleError.
    """
    with whole_folder(out) as folder, (folder / FILE).open("x", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"info": {_json(_info())},\n"licenses": [],\n"categories": {_json(_categories())},\n')
        file.write('"images": [')
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=folder) as boxes:
            written = 0
            for number, image in enumerate(distinct(images), 1):
                file.write(",\n" if number > 1 else "\n")
                file.write(_json(_image(number, image)))
                written = _write_boxes(boxes, written, number, image)
                if on_image is not None:
                    on_image(number)
            file.write('],\n"annotations": [')
            boxes.seek(0)
            shutil.copyfileobj(boxes, file)
        file.write("]}\n")


def _write_boxes(file: IO[str], written: int, image_id: int, image: LabelledImage) -> int:
    """Writes an image's annotations after so many others; how many there are then."""
    for boxed in image.boxed:
        file.write(",\n" if written else "\n")
        written += 1
        box = boxed.box
        annotation = {
            "id": written,
            "image_id": image_id,
            **_said(boxed.label),
            "bbox": [box.x0, box.y0, box.width, box.height],
            "area": box.area,
            "segmentation": [],
            "iscrowd": 0,
        }
        file.write(_json(annotation))
    return written


def _info() -> dict[str, str]:
    return {
        "description": f"Finger joints on hand radiographs. {NOTICE}",
        "contributor": f"Knuckle {__version__}",
        "version": "1",
    }


def _categories() -> list[dict[str, object]]:
    return [
        {"id": number, "name": joint.name, "supercategory": joint.kind} for joint, number in CATEGORY.items()
    ]


def _image(number: int, image: LabelledImage) -> dict[str, object]:
    return {
        "id": number,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
        "patient_code": image.patient_code,
        "visit": image.visit,
        **({"pixels_sha256": image.pixels_sha256} if image.pixels_sha256 else {}),
        "unboxed": [_said(label) for label in image.unboxed],
    }


def _said(label: LabelledJoint) -> dict[str, object]:
    return {"category_id": CATEGORY[label.joint], "attributes": words(label)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(path: Path) -> tuple[LabelledImage, ...]:
    """The images of a COCO file, or of annotations.json in a folder, in its order. Raises KnuckleError."""
    path = path / FILE if path.is_dir() else path
    text = read_text(path)
    try:
        return _images(json.loads(text))
    except (KeyError, IndexError) as error:
        raise unreadable(path, f"{error.args[0]!r} is missing") from error
    except json.JSONDecodeError as error:
        raise unreadable(path, "it is no JSON") from error
    except (TypeError, AttributeError, RecursionError) as error:
        raise unreadable(path, "it is no COCO file of boxes") from error
    except (ValueError, OverflowError) as error:
        raise unreadable(path, error) from error


def _images(content: Mapping[str, Any]) -> tuple[LabelledImage, ...]:
    names = {category["id"]: category["name"] for category in content["categories"]}
    sizes = {image["id"]: (int(image["width"]), int(image["height"])) for image in content["images"]}
    if len(sizes) < len(content["images"]):
        raise ValueError("two images of one id")
    labels: dict[Any, list[LabelledJoint]] = {number: [] for number in sizes}
    for one in content["annotations"]:
        number = one["image_id"]
        if number not in sizes:
            raise ValueError(f"annotation {one.get('id')} of image {number}, which is not there")
        x, y, width, height = (float(value) for value in one["bbox"])
        box = inside(Box(x, y, x + width, y + height), *sizes[number])
        labels[number].append(_label(names, one, box))
    return tuple(
        LabelledImage(
            str(image["file_name"]),
            *sizes[image["id"]],
            str(image.get("patient_code", "")),
            int(image.get("visit", 0)),
            (*labels[image["id"]], *(_label(names, one, None) for one in image.get("unboxed", []))),
            str(image.get("pixels_sha256", "")),
        )
        for image in content["images"]
    )


def _label(names: Mapping[Any, str], said: Mapping[str, Any], box: Box | None) -> LabelledJoint:
    if (category := said["category_id"]) not in names:
        raise ValueError(f"category {category}, which is not there")
    return label_from(str(names[category]), box, said.get("attributes", {}))
