"""What may stand in the JSON files of a release, and a reader that notes what must not and goes on."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from detector.files import strict_json
from detector.release.values import (
    FORMAT,
    IMAGES,
    LARGEST,
    VERSION,
    Certainty,
    Displacement,
    Fault,
    FaultKind,
)

Check = Callable[[Any], bool]
Fields = Mapping[str, tuple[Check, str]]
IMAGE_FILE = re.compile(IMAGES + r"/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.png")
CODE = re.compile(r"\w[\w .-]{0,63}")


def is_whole(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and -1e9 < value < 1e9  # neither NaN nor an endless integer passes


def is_one_of(*allowed: object) -> Check:
    return lambda value: any(type(value) is type(one) and value == one for one in allowed)


def is_code(value: Any) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def is_codes(value: Any) -> bool:
    return isinstance(value, list) and all(is_code(one) for one in value)


def is_list(value: Any) -> bool:
    return isinstance(value, list)


def is_box(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(is_number(one) for one in value)


def is_boxes(value: Any) -> bool:
    return isinstance(value, list) and all(is_box(one) for one in value)


def is_spacing(value: Any) -> bool:
    return value is None or (is_number(value) and value > 0)


ANNOTATIONS_FIELDS: Fields = {
    "test": (is_codes, "a list of patient codes"),
    "images": (is_list, "a list"),
}
IMAGE_FIELDS: Fields = {
    "file": (lambda value: isinstance(value, str), "a text"),
    "patient": (is_code, "a patient code: a letter or digit, then letters, digits, and _ - . or space"),
    "visit": (is_whole(1, 10_000), "a whole number from 1"),
    "width": (is_whole(1, LARGEST), f"a whole number from 1 to {LARGEST}"),
    "height": (is_whole(1, LARGEST), f"a whole number from 1 to {LARGEST}"),
    "spacing_mm": (is_spacing, "a number above 0, or null"),
    "right_on_left": (is_one_of(True, False), "true or false"),
    "joints": (is_list, "a list"),
}
IMAGE_MAY_HAVE: Fields = {"ignored": (is_boxes, "a list of boxes, each of four numbers")}
JOINT_FIELDS: Fields = {
    "name": (lambda value: isinstance(value, str), "a text"),
    "box": (is_box, "four numbers"),
    "ankylosis": (is_one_of(True, False, None), "true, false or null"),
    "displacement": (
        is_one_of(None, *(d.value for d in Displacement)),
        "none, subluxation, dislocation or null",
    ),
    "certainty": (is_one_of(None, *(c.value for c in Certainty)), "certain, probable or null"),
}
FOLDS_FIELDS: Fields = {
    "seed": (is_whole(0, 2**63), "a whole number from 0"),
    "folds": (
        lambda value: is_list(value) and len(value) > 1 and all(is_codes(fold) and fold for fold in value),
        "two or more lists of patient codes, none of them empty",
    ),
}
MANIFEST_FIELDS: Fields = {
    "about": (lambda value: isinstance(value, dict), "an object"),
    "files": (lambda value: isinstance(value, dict), "an object of paths and hashes"),
}


class Reader:
    """Reads one JSON file, and keeps what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def note(self, kind: FaultKind, message: str, *place: str) -> None:
        self.faults.append(Fault(kind, ": ".join([self.file, *place]), message))

    def open(self, data: bytes, fields: Fields) -> dict[str, Any] | None:
        """The object of the file, or None where it is of no use."""
        try:
            found = strict_json(data)
        except (ValueError, RecursionError) as error:
            self.note(FaultKind.JSON, f"It is no JSON that can be read ({error}).")
            return None
        if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
            self.note(FaultKind.VERSION, f'It does not say "format": "{FORMAT}".')
            return None
        version = found.pop("version", None)
        if type(version) is not int or version != VERSION:
            self.note(FaultKind.VERSION, f"Its version is {version!r}; {VERSION} can be read.")
            return None
        return found if self.has(found, fields) else None

    def has(self, record: Any, fields: Fields, *place: str, may: Fields | None = None) -> bool:
        """Whether it is an object with these fields, each of the right kind, and no other. may: fields that
        may be absent."""
        before = len(self.faults)
        if not isinstance(record, dict):
            self.note(FaultKind.VALUE, "It must be an object.", *place)
            return False
        known = {**fields, **(may or {})}
        for name in sorted(record.keys() - known.keys()):
            self.note(FaultKind.VALUE, f"The field {name!r} is unknown.", *place)
        for name, (check, words) in known.items():
            if name not in record and name not in fields:
                continue
            if name not in record:
                self.note(FaultKind.VALUE, f'"{name}" is missing.', *place)
            elif not check(record[name]):
                self.note(FaultKind.VALUE, f'"{name}" must be {words}, not {short(record[name])}.', *place)
        return len(self.faults) == before

    def repeated(self, names: Iterable[str], what: str, *place: str) -> None:
        for name, times in Counter(names).items():
            if times > 1:
                self.note(FaultKind.TWICE, f"{what} {name} stands there {times} times.", *place)


def short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
