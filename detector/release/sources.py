"""Releases from drawn radiographs, and from two-hand radiographs composed of real films."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.phantom import USUAL_SIZE, Phantom, TrueJoint, draw
from detector.phantom.findings import joint_states
from detector.phantom.into_films import with_findings
from detector.phantom.sites import find_sites
from detector.release.values import (
    DISPLACEABLE,
    IMAGES,
    Certainty,
    Contents,
    Corners,
    Displacement,
    Folds,
    Release,
    ReleaseError,
    ReleaseImage,
    ReleaseJoint,
)
from detector.release.write import Item, write_release

Divide = Callable[[Contents], Folds]
OnImage = Callable[[int], None]
Read = Callable[[Path], NDArray[np.uint16]]

STRIDE = 100_000  # more than a release has images, so that no two seeds share one


def from_phantoms(
    out: Path,
    seeds: Iterable[int],
    visits: int = 2,
    findings_rate: float = 0.05,
    *,
    size: tuple[int, int] = USUAL_SIZE,
    swapped: Collection[int] = (),
    test: Sequence[int] = (),
    divide: Divide | None = None,
    on_image: OnImage | None = None,
) -> Release:
    """Draws a patient for each seed, at this many visits, and writes them as a release.

    findings_rate: share of joints with a finding, 0 to 1. size: height and width. swapped: those of the seeds
    whose right hand lies on the right of the image. test: those of the seeds that are kept out of every fold.
    The rest is as in `write_release`; ValueError as in `phantom.draw`.
    """

    def items() -> Iterator[Item]:
        for seed in seeds:
            for visit in range(1, visits + 1):
                phantom = draw(
                    seed,
                    visit=visit,
                    findings_rate=findings_rate,
                    size=size,
                    right_on_left=seed not in swapped,
                )
                yield _of_phantom(seed, visit, phantom), phantom.pixels

    about = {"source": "detector.phantom", "findings_rate": findings_rate}
    codes = [_code(seed) for seed in test]
    return write_release(out, items(), test=codes, divide=divide, about=about, on_image=on_image)


def _code(seed: int) -> str:
    return f"P{seed:05d}"


def _of_phantom(seed: int, visit: int, phantom: Phantom) -> ReleaseImage:
    height, width = phantom.pixels.shape
    return ReleaseImage(
        file=f"{IMAGES}/{_code(seed)}-{visit}.png",
        patient=_code(seed),
        visit=visit,
        width=width,
        height=height,
        spacing_mm=phantom.spacing_mm,
        right_on_left=phantom.right_on_left,
        joints=tuple(_of_true_joint(joint, width, height) for joint in phantom.joints),
    )


def _of_true_joint(joint: TrueJoint, width: int, height: int) -> ReleaseJoint:
    displaced = [kind for kind in Displacement if kind in joint.findings]
    judged = joint.name in DISPLACEABLE
    return ReleaseJoint(
        name=joint.name,
        box=_inside(joint.box, width, height),
        ankylosis="ankylosis" in joint.findings,
        displacement=(displaced or [Displacement.NONE])[0] if judged else None,
        certainty=Certainty.CERTAIN if joint.findings else None,
    )


def _inside(box: Corners, width: int, height: int) -> Corners:
    """The part of a box that lies inside the image."""
    x0, y0, x1, y1 = (float(value) for value in box)
    return max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))


def from_composites(
    out: Path,
    folders: Path | Sequence[Path],
    read: Read,
    *,
    findings_rate: float = 0.0,
    seed: int = 0,
    test: Sequence[str] = (),
    divide: Divide | None = None,
    on_image: OnImage | None = None,
) -> Release:
    """Writes one or more output folders of `two_hand_films.py` (truth.json and dicom/*.dcm) as a release.

    read: opens one of their DICOM files as uint16 [H, W], bone bright (this package reads no DICOM); what it
    raises ends the writing. Patients keep their codes; of several folders, those of the first get the prefix
    A, of the second B and so on.

    findings_rate: share of joints, 0 to 1, into which a finding is drawn, with this seed, as the films are of
    hands without any; at 0 the pixels stay as they are read and all joints are labelled as free of findings.

    The composer uses a film again for another patient when it has no more, so films are to be divided by its
    `--films`, before there are patients to divide; the manifest names the films of a release. Raises
    ReleaseError for a truth.json that is not as that program writes it; the rest is as in `write_release`.
    """
    folders = [folders] if isinstance(folders, Path) else list(folders)
    prefixes = [""] if len(folders) == 1 else [chr(ord("A") + index) for index in range(len(folders))]
    composed = [
        composite
        for folder, prefix in zip(folders, prefixes, strict=True)
        for composite in _composites(folder, prefix)
    ]

    def items() -> Iterator[Item]:
        for number, composite in enumerate(composed):
            pixels = read(composite.file)
            if findings_rate:
                yield _drawn_into(composite, pixels, findings_rate, STRIDE * seed + number)
            else:
                yield composite.image, pixels

    about = {
        "source": "two_hand_films.py",
        "films": sorted({film for composite in composed for film in composite.films}),
        "findings_rate": findings_rate,
        "seed": seed,
    }
    return write_release(out, items(), test=test, divide=divide, about=about, on_image=on_image)


@dataclass(frozen=True, slots=True)
class Composite:
    """A composed image as it is without findings. boxes: of the joints, also beyond its edge."""

    file: Path
    image: ReleaseImage
    films: tuple[str, ...]
    boxes: Mapping[str, Corners]


def _composites(folder: Path, prefix: str) -> list[Composite]:
    """What truth.json lists."""
    truth = folder / "truth.json"
    try:
        record = json.loads(truth.read_text("utf-8"))
        return [
            Composite(
                _within(folder, str(entry["file"])),
                _of_composite(entry, record["width"], record["height"], prefix),
                tuple(map(str, entry.get("films", {}).values())),
                {joint["name"]: tuple(joint["box"]) for joint in entry["joints"]},
            )
            for entry in record["images"]
        ]
    except OSError as error:
        raise ReleaseError(f"{truth.name} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReleaseError(f"{truth.name} is not as two_hand_films.py writes it ({error!r}).") from error


def _of_composite(entry: dict[str, Any], width: int, height: int, prefix: str) -> ReleaseImage:
    """The image of one entry of truth.json."""
    code = f"{prefix}{entry['patient_id']}"
    joints = (
        ReleaseJoint(
            name=joint["name"],
            box=_inside(tuple(joint["box"]), width, height),
            ankylosis=False,
            displacement=Displacement.NONE if joint["name"] in DISPLACEABLE else None,
        )
        for joint in entry["joints"]
    )
    return ReleaseImage(
        file=f"{IMAGES}/{code}-{entry['visit']}.png",
        patient=code,
        visit=entry["visit"],
        width=width,
        height=height,
        spacing_mm=None,
        right_on_left={"left": True, "right": False}[entry["right_on"]],
        joints=tuple(joints),
    )


def _drawn_into(composite: Composite, pixels: NDArray[np.uint16], rate: float, seed: int) -> Item:
    """The image with findings in it."""
    image = composite.image
    states = joint_states(seed, rate, 1)
    drawn, boxes = with_findings(pixels, find_sites(composite.boxes), states, seed)
    true = {
        name: _of_true_joint(TrueJoint(name, box, states[name].findings), image.width, image.height)
        for name, box in boxes.items()
    }
    return replace(image, joints=tuple(true.get(joint.name, joint) for joint in image.joints)), drawn


def _within(folder: Path, file: str) -> Path:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ReleaseError("truth.json names a file outside its folder.")
    return path
