"""Labelled images as every format writes and reads them: values that know no database and no format.

What a format has no place for of its own is carried as named words, the same in COCO, VOC and CSV:

- `ankylosis`, `subluxation`, `dislocation`: "certain", "probable" or "absent"; "" where nothing is said (not
  confirmed, not assessable, not judged on this joint, as subluxation on the thumb IP, or left unsaid).
- `not_assessable`: the reason ("cropped", "amputated", "implant", "overlap", "not visible"), or "".
- `confirmed`: "yes" or "no".
- `reader`: who labelled it, or "".
- `seen_model`: whether the reader had seen the model's proposals: "no", "afterwards" (the label is as it was
  before they did), "yes", or "" where it is not known.

Boxes are those of `domain.geometry`: pixels of the full image, origin at the outer corner of the top-left
pixel, all within the image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.images import Image
from annotator.domain.joints import JOINTS, Joint, joint_named
from annotator.domain.revealing import Reveal, Seen, seen
from annotator.exchange import names

NOTICE = "Research use only, not for diagnosis."
WORDS = (*(finding.value for finding in Finding), "not_assessable", "confirmed", "reader", "seen_model")
_ABSENT, _YES, _NO = "absent", "yes", "no"
_SLACK = 1e-6
"""Pixels by which a sum of floats may pass the edge of an image."""


@dataclass(frozen=True, slots=True)
class LabelledJoint:
    """One joint of an image by one reader. seen: None where it is not known. unsaid: of what is judged on the
    joint, the findings of which a confirmed label says nothing, such as those that readers are divided on.

    Raises ValueError for what a JointAnnotation refuses, and for a reader's name with control characters.
    """

    joint: Joint
    box: Box | None = None
    marks: tuple[Mark, ...] = ()
    not_assessable: NotAssessable | None = None
    confirmed: bool = False
    reader: str = ""
    seen: Seen | None = Seen.NO
    unsaid: frozenset[Finding] = frozenset()

    def __post_init__(self) -> None:
        JointAnnotation(self.joint, self.box, self.marks, self.not_assessable, self.confirmed)
        if not self.unsaid.isdisjoint(mark.finding for mark in self.marks):
            raise ValueError(f"finding that is present and unsaid on {self.joint}")
        judged = self.joint.findings if self.confirmed and self.not_assessable is None else ()
        object.__setattr__(self, "unsaid", self.unsaid & frozenset(judged))
        object.__setattr__(self, "marks", tuple(sorted(self.marks)))
        if not names.is_plain(self.reader):
            raise ValueError(f"reader's name with control characters: {self.reader!r}")


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image and its labels. file_name: of the picture, without a folder. width, height: pixels.

    patient_code: "" and visit: 0 where the format does not say. pixels_sha256: of the radiograph's stored
    values (`Radiograph`), which tells it from every other film; "" where the format does not say. Raises
    ValueError for a name that could leave its folder, for a box beyond the image, and for two labels of one
    joint by one reader.
    """

    file_name: str
    width: int
    height: int
    patient_code: str = ""
    visit: int = 0
    joints: tuple[LabelledJoint, ...] = ()
    pixels_sha256: str = ""

    def __post_init__(self) -> None:
        if not names.is_sound(self.file_name):
            raise ValueError(f"{self.file_name!r} cannot name a file")
        if self.width < 1 or self.height < 1 or self.visit < 0:
            raise ValueError(f"no image: {self.width} x {self.height}, visit {self.visit}")
        if not names.is_plain(self.patient_code):
            raise ValueError(f"patient code with control characters: {self.patient_code!r}")
        keys = [(label.joint, label.reader) for label in self.joints]
        if len(set(keys)) < len(keys):
            raise ValueError("two labels of one joint by one reader")
        for label in self.boxed:
            if not _is_inside(label.box, self.width, self.height):
                raise ValueError(f"box of {label.joint} beyond the image: {label.box}")

    @property
    def boxed(self) -> tuple[BoxedJoint, ...]:
        """The labels that have a box."""
        return tuple(BoxedJoint(label, label.box) for label in self.joints if label.box is not None)

    @property
    def unboxed(self) -> tuple[LabelledJoint, ...]:
        """The labels without a box: joints that are not assessable, or not drawn yet."""
        return tuple(label for label in self.joints if label.box is None)


@dataclass(frozen=True, slots=True)
class BoxedJoint:
    """A label and its box, which it is known to have."""

    label: LabelledJoint
    box: Box

    @property
    def joint(self) -> Joint:
        return self.label.joint


def labels_of(reading: Reading, reader: str, reveal: Reveal | None = None) -> tuple[LabelledJoint, ...]:
    """What a reading says, in the order of JOINTS; joints of which it says nothing are left out.

    reveal: when the reader first saw the model's proposals of this image.
    """
    return tuple(
        LabelledJoint(
            label.joint,
            label.box,
            label.marks,
            label.not_assessable,
            label.confirmed,
            reader,
            seen(label, reveal),
        )
        for label in (reading.of(joint) for joint in JOINTS if joint in reading.annotations)
        if label.box is not None or label.marks or label.done
    )


def labelled(image: Image, labels: Iterable[LabelledJoint], suffix: str = ".png") -> LabelledImage:
    """The image under a name made of its patient code, visit and number alone, and unlike any other's."""
    name = names.sound(f"{image.patient_code}-visit{image.visit}-image{image.id}{suffix}")
    file = image.file
    whose = image.patient_code, image.visit
    return LabelledImage(name, file.columns, file.rows, *whose, tuple(labels), file.pixels_sha256)


def distinct(images: Iterable[LabelledImage]) -> Iterator[LabelledImage]:
    """The images, one by one. Raises KnuckleError at one whose labels some system would file under the name
    of another's."""
    taken: set[str] = set()
    for image in images:
        key = names.collision_key(image.file_name)
        if key in taken:
            raise KnuckleError(
                f"Two images would be called {image.file_name}.",
                "Give each image a name of its own, different in more than its ending.",
                name=image.file_name,
            )
        taken.add(key)
        yield image


def words(label: LabelledJoint) -> dict[str, str]:
    """What stands beside a box, as WORDS."""
    certainty = {mark.finding: mark.certainty.value for mark in label.marks}
    judged = (
        set(label.joint.findings if label.confirmed and label.not_assessable is None else ()) - label.unsaid
    )
    silent = {finding: _ABSENT if finding in judged else "" for finding in Finding}
    return {
        **{finding.value: certainty.get(finding, silent[finding]) for finding in Finding},
        "not_assessable": label.not_assessable.value if label.not_assessable else "",
        "confirmed": _YES if label.confirmed else _NO,
        "reader": label.reader,
        "seen_model": label.seen.value if label.seen else "",
    }


def label_from(name: str, box: Box | None, said: Mapping[str, str]) -> LabelledJoint:
    """The label of the joint of this name; words that are not said are taken for "". Raises ValueError."""
    marks = [
        Mark(f, Certainty(word)) for f in Finding if (word := said.get(f.value, "")) not in ("", _ABSENT)
    ]
    reason, knew = said.get("not_assessable", ""), said.get("seen_model", "")
    if (confirmed := said.get("confirmed", "")) not in (_YES, _NO, ""):
        raise ValueError(f"confirmed: {confirmed!r} is neither yes nor no")
    return LabelledJoint(
        joint_named(name),
        box,
        tuple(marks),
        NotAssessable(reason) if reason else None,
        confirmed == _YES,
        said.get("reader", ""),
        Seen(knew) if knew else None,
        frozenset(finding for finding in Finding if not said.get(finding.value, "")),
    )


def inside(box: Box, width: int, height: int) -> Box:
    """What lies of a foreign box inside the image. Raises ValueError where nothing does."""
    found = box.clipped(width, height)
    if found is None:
        raise ValueError(f"box beyond the image: {box.corners}")
    return found


def _is_inside(box: Box, width: int, height: int) -> bool:
    return min(box.x0, box.y0) >= -_SLACK and box.x1 <= width + _SLACK and box.y1 <= height + _SLACK
