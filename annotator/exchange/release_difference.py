"""What two releases differ in: images, labels, folds, and the policy they were made by.

Images are the same where they have the same name, joints where they have the same name on the same image.
Pictures are compared by the hashes in the manifests; `python -m detector check` says whether those are right.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotator.domain.errors import KnuckleError
from annotator.exchange.release import ANNOTATIONS, FOLDS, FORMAT, IGNORED, MANIFEST, VERSION
from annotator.exchange.whole import read_text

Fields = Mapping[str, tuple[object, object]]
"""What differs -> what it was, and what it is."""
_PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Changed:
    """An image, or a joint of it, that is in both releases and differs. joint "": the image itself."""

    image: str
    joint: str
    fields: Fields

    @property
    def object(self) -> dict[str, object]:
        where = {"image": self.image, **({"joint": self.joint} if self.joint else {})}
        return {**where, "fields": {name: list(values) for name, values in self.fields.items()}}


@dataclass(frozen=True)
class Difference:
    """From one release to another. Labels are (image, joint); those of images that were added or removed as a
    whole are among them. about: what differs of where the releases come from."""

    images_added: tuple[str, ...]
    images_removed: tuple[str, ...]
    images_changed: tuple[Changed, ...]
    labels_added: tuple[tuple[str, str], ...]
    labels_removed: tuple[tuple[str, str], ...]
    labels_changed: tuple[Changed, ...]
    folds_changed: bool
    about: Fields = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Images, labels and folds are; where they come from may differ."""
        return not (
            self.images_added
            or self.images_removed
            or self.images_changed
            or self.labels_added
            or self.labels_removed
            or self.labels_changed
            or self.folds_changed
        )

    @property
    def object(self) -> dict[str, object]:
        return {
            "same": self.same,
            "images": {
                "added": list(self.images_added),
                "removed": list(self.images_removed),
                "changed": [one.object for one in self.images_changed],
            },
            "labels": {
                "added": [{"image": image, "joint": joint} for image, joint in self.labels_added],
                "removed": [{"image": image, "joint": joint} for image, joint in self.labels_removed],
                "changed": [one.object for one in self.labels_changed],
            },
            "folds_changed": self.folds_changed,
            "about": {name: list(values) for name, values in self.about.items()},
        }

    @property
    def lines(self) -> list[str]:
        """In words, a line each; the first one counts."""
        images = _counted(self.images_added, self.images_removed, self.images_changed)
        labels = _counted(self.labels_added, self.labels_removed, self.labels_changed)
        folds = "changed" if self.folds_changed else "the same"
        return [
            f"images: {images}; labels: {labels}; folds: {folds}",
            *(f"{image}: image added" for image in self.images_added),
            *(f"{image}: image removed" for image in self.images_removed),
            *(line for one in self.images_changed for line in _changes(one)),
            *(f"{image}: {joint}: label added" for image, joint in self.labels_added),
            *(f"{image}: {joint}: label removed" for image, joint in self.labels_removed),
            *(line for one in self.labels_changed for line in _changes(one)),
            *(f"{name}: {_said(a)} -> {_said(b)}" for name, (a, b) in self.about.items()),
        ]


def difference(before: Path, after: Path) -> Difference:
    """From the release in one folder to that in another. Raises KnuckleError for what is no release."""
    old, new = _opened(before), _opened(after)
    both = [name for name in old.images if name in new.images]
    in_old, in_new = _joints(old), _joints(new)
    labels = ((key, _differing(in_old[key], in_new[key])) for key in in_old if key in in_new)
    pictures = ((name, _differing(old.image(name), new.image(name))) for name in both)
    return Difference(
        tuple(name for name in new.images if name not in old.images),
        tuple(name for name in old.images if name not in new.images),
        tuple(Changed(name, "", fields) for name, fields in pictures if fields),
        tuple(key for key in in_new if key not in in_old),
        tuple(key for key in in_old if key not in in_new),
        tuple(Changed(*key, fields) for key, fields in labels if fields),
        old.folds != new.folds,
        _differing(old.origin, new.origin),
    )


@dataclass(frozen=True)
class _Opened:
    """images, by the file: what annotations.json says of each, in its order."""

    images: Mapping[str, Mapping[str, Any]]
    digests: Mapping[str, str]
    folds: list[list[str]]
    origin: Mapping[str, object]

    def image(self, name: str) -> dict[str, object]:
        """All of an image but its joints."""
        said = {key: value for key, value in self.images[name].items() if key != "joints"}
        return {**said, _PICTURE: self.digests[name]}


def _opened(folder: Path) -> _Opened:
    if not folder.is_dir():
        raise _no_release(folder, "there is no such folder")
    try:
        manifest = _json(folder, MANIFEST, {})
        annotations = _json(folder, ANNOTATIONS, manifest["files"])
        folds = _json(folder, FOLDS, manifest["files"])["folds"] if FOLDS in manifest["files"] else []
        images = {image["file"]: image for image in annotations["images"]}
        for name, image in images.items():
            if name not in manifest["files"]:
                raise ValueError(f"{name} is not in its manifest")
            if len({joint["name"] for joint in image["joints"]}) < len(image["joints"]):
                raise ValueError(f"{name} has a joint twice")
        origin = {name: manifest["about"].get(name) for name in ("study", "policy", "audit_position")}
        return _Opened(images, manifest["files"], folds, {**origin, "test": annotations["test"]})
    except KnuckleError as error:
        raise _no_release(folder, error.message.rstrip(".")) from error
    except KeyError as error:
        raise _no_release(folder, f"{error.args[0]!r} is missing") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _no_release(folder, str(error)) from error


def _json(folder: Path, name: str, digests: Mapping[str, str]) -> dict[str, Any]:
    """One of its files, which is as the manifest has it. Raises ValueError."""
    text = read_text(folder / name)
    if name != MANIFEST and hashlib.sha256(text.encode()).hexdigest() != digests[name]:
        raise ValueError(f"{name} was changed since the release was made")
    found = json.loads(text)
    if not isinstance(found, dict) or (found.get("format"), found.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"{name} is of no release of version {VERSION}")
    return found


def _no_release(folder: Path, why: str) -> KnuckleError:
    name = folder.name or str(folder)
    return KnuckleError(
        f"{name} is no release that can be compared: {why}.",
        "See what is wrong with it: python -m detector check FOLDER.",
        name=name,
        reason=why,
    )


def _joints(of: _Opened) -> dict[tuple[str, str], Mapping[str, object]]:
    return {(name, joint["name"]): joint for name, image in of.images.items() for joint in image["joints"]}


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Fields:
    names = dict.fromkeys([*before, *after])
    return {
        name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    }


def _counted(*of: tuple[object, ...]) -> str:
    added, removed, changed = map(len, of)
    return f"{added} added, {removed} removed, {changed} changed"


def _changes(one: Changed) -> Iterator[str]:
    where = f"{one.image}: {one.joint}" if one.joint else one.image
    for name, (before, after) in one.fields.items():
        if name == _PICTURE:
            yield f"{where}: another picture"
        elif name == IGNORED:
            yield f"{where}: {_moved(before, after)}"
        else:
            yield f"{where}: {name} {_said(before)} -> {_said(after)}"


def _moved(before: object, after: object) -> str:
    """Of lists of places, None for none."""
    old, new = (Counter(map(_said, places if isinstance(places, list) else ())) for places in (before, after))
    return f"ignored places: {(new - old).total()} added, {(old - new).total()} removed"


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
