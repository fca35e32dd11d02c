"""What two releases differ in, as an object and in words."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, Mark
from annotator.domain.geometry import Box
from annotator.exchange.release import Film, picture
from annotator.exchange.release_difference import difference
from tests.exchange.test_release import THUMB, film, pixels, said, write

BEFORE = (film(1, said()), film(2, said(), replace(said(), joint=THUMB)), film(3, said(), patient="K-002"))


def made(folder: Path, name: str, *films: Film) -> Path:
    write(folder / name, films)
    return folder / name


def test_the_same_release_does_not_differ(tmp_path: Path) -> None:
    found = difference(made(tmp_path, "a", *BEFORE), made(tmp_path, "b", *BEFORE))
    assert found.same
    assert found.lines == [
        "images: 0 added, 0 removed, 0 changed; labels: 0 added, 0 removed, 0 changed; folds: the same"
    ]


def test_everything_that_differs_is_named(tmp_path: Path) -> None:
    one, two, _ = BEFORE
    worse = said(Mark(Finding.ANKYLOSIS), box=Box(1, 2, 11.5, 13))
    after = (
        replace(
            one, png=picture(pixels(77)), spacing_mm=None, labelled=replace(one.labelled, joints=(worse,))
        ),
        replace(two, labelled=replace(two.labelled, joints=two.labelled.joints[:1])),
        film(4, said(), patient="K-003"),
    )
    found = difference(made(tmp_path, "a", *BEFORE), made(tmp_path, "b", *after))
    assert not found.same
    told = found.object
    hashes = (sha256(film.png).hexdigest() for film in (one, after[0]))
    assert told["images"] == {
        "added": ["images/K-003-4.png"],
        "removed": ["images/K-002-3.png"],
        "changed": [
            {
                "image": "images/K-001-1.png",
                "fields": {"spacing_mm": [0.15, None], "picture": list(hashes)},
            }
        ],
    }
    assert told["labels"] == {
        "added": [{"image": "images/K-003-4.png", "joint": "R-PIP3"}],
        "removed": [
            {"image": "images/K-001-2.png", "joint": "L-IP1"},
            {"image": "images/K-002-3.png", "joint": "R-PIP3"},
        ],
        "changed": [
            {
                "image": "images/K-001-1.png",
                "joint": "R-PIP3",
                "fields": {
                    "box": [[1.0, 2.0, 11.5, 12.0], [1.0, 2.0, 11.5, 13.0]],
                    "ankylosis": [False, True],
                    "certainty": [None, "certain"],
                },
            }
        ],
    }
    assert told["folds_changed"] is True
    assert found.lines == [
        "images: 1 added, 1 removed, 1 changed; labels: 1 added, 2 removed, 1 changed; folds: changed",
        "images/K-003-4.png: image added",
        "images/K-002-3.png: image removed",
        "images/K-001-1.png: spacing_mm 0.15 -> null",
        "images/K-001-1.png: another picture",
        "images/K-003-4.png: R-PIP3: label added",
        "images/K-001-2.png: L-IP1: label removed",
        "images/K-002-3.png: R-PIP3: label removed",
        "images/K-001-1.png: R-PIP3: box [1.0, 2.0, 11.5, 12.0] -> [1.0, 2.0, 11.5, 13.0]",
        "images/K-001-1.png: R-PIP3: ankylosis false -> true",
        "images/K-001-1.png: R-PIP3: certainty null -> certain",
    ]
    back = difference(tmp_path / "b", tmp_path / "a")
    assert (back.images_added, back.labels_removed) == (found.images_removed, found.labels_added)


def test_ignored_places_that_differ_are_counted(tmp_path: Path) -> None:
    """A release without any is one of before there were any."""
    one, *rest = BEFORE
    some, others = (
        replace(one, ignored=boxes)
        for boxes in ((Box(20, 2, 30, 12), Box(40, 2, 50, 12)), (Box(40, 2, 50, 12), Box(1, 20, 9, 30)))
    )
    none, first, second = (
        made(tmp_path, name, film, *rest) for name, film in (("a", one), ("b", some), ("c", others))
    )
    assert difference(first, first).same
    head = "images: 0 added, 0 removed, 1 changed; labels: 0 added, 0 removed, 0 changed; folds: the same"
    where = "images/K-001-1.png: ignored places"
    assert difference(none, first).lines == [head, f"{where}: 2 added, 0 removed"]
    assert difference(first, none).lines == [head, f"{where}: 0 added, 2 removed"]
    assert difference(first, second).lines == [head, f"{where}: 1 added, 1 removed"]
    (changed,) = difference(none, first).images_changed
    assert changed.fields == {"ignored": (None, [[20.0, 2.0, 30.0, 12.0], [40.0, 2.0, 50.0, 12.0]])}


@pytest.mark.parametrize(
    ("name", "spoilt", "told"),
    [
        ("manifest.json", "", "Expecting value"),
        ("manifest.json", "[]", "is of no release"),
        ("manifest.json", '{"format": "knuckle-release", "version": 2}', "is of no release"),
        ("manifest.json", '{"format": "knuckle-release", "version": 1}', "'files' is missing"),
        ("annotations.json", "{}", "annotations.json was changed since the release was made"),
        ("folds.json", "{}", "folds.json was changed since the release was made"),
    ],
)
def test_what_is_no_release_is_told(name: str, spoilt: str, told: str, tmp_path: Path) -> None:
    a, b = made(tmp_path, "a", *BEFORE), made(tmp_path, "b", *BEFORE)
    (b / name).write_text(spoilt)
    with pytest.raises(KnuckleError, match=told):
        difference(a, b)
    (b / name).unlink()
    with pytest.raises(KnuckleError, match=f"{name} cannot be read"):
        difference(b, a)


def test_release_of_another_maker(tmp_path: Path) -> None:
    """about is free."""
    a, b = made(tmp_path, "a", *BEFORE), made(tmp_path, "b", *BEFORE)
    manifest = json.loads((b / "manifest.json").read_text())
    manifest["about"] = {"study": "Hands", "whatever": [1]}
    (b / "manifest.json").write_text(json.dumps(manifest))
    found = difference(a, b)
    assert (found.same, found.about) == (True, {"study": (None, "Hands")})
    assert found.lines[1:] == ["study: null -> Hands"]
