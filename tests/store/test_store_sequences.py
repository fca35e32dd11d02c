"""Whatever a reader does, in whatever order: what is stored is what is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MIGRATIONS, Desk, box_for, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands
from annotator.store.check import check

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One database for all examples; each takes a film of its own."""
    database = open_database(tmp_path_factory.mktemp("sequences"))
    yield desk_on(database)
    database.close()
    assert check(database.path, MIGRATIONS).problems == ()


Gesture = Callable[[Reading], Edit]
_joints = st.sampled_from([*JOINTS[:3], *JOINTS[5:7], *JOINTS[10:12]])
_corner = st.floats(-2_000, 5_000, allow_nan=False)
_side = st.floats(0.001, 500)
_boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), _corner, _corner, _side, _side)
_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _gesture(function: Callable[..., Edit], *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Gesture]:
    return st.tuples(*arguments).map(lambda chosen: lambda reading: function(reading, *chosen))


_gestures = st.one_of(
    _gesture(gestures.draw, _joints, _boxes),
    _gesture(gestures.draw, _joints, _joints.map(box_for)),
    _gesture(gestures.set_box, _joints, _boxes, st.sampled_from([Action.MOVE, Action.RESIZE, Action.NUDGE])),
    _gesture(gestures.copy_mirrored, _joints, _boxes),
    _gesture(gestures.delete, _joints),
    _gesture(gestures.rename, _joints, _joints),
    _gesture(gestures.toggle_finding, _joints, st.sampled_from(list(Finding))),
    _gesture(gestures.next_certainty, _joints),
    _gesture(gestures.set_normal, _joints),
    _gesture(gestures.set_not_assessable, _joints, st.none() | st.sampled_from(list(NotAssessable))),
    _gesture(gestures.confirm, _joints),
    _gesture(gestures.rest_normal),
    _gesture(gestures.comment_joint, _joints, _words),
    _gesture(gestures.comment_image, _words),
    _gesture(gestures.swap_sides),
    _gesture(gestures.confirm_sides),
    _gesture(gestures.set_hands, st.sampled_from(list(Hands))),
    _gesture(gestures.exclude, st.sampled_from(["", "motion"])),
)
_steps = st.lists(st.one_of(_gestures, _gestures, st.sampled_from(["undo", "redo"])), max_size=25)


@given(steps=_steps)
@settings(max_examples=30)
def test_stored_is_what_is_in_memory(bench: Desk, steps: list[Gesture | str]) -> None:
    anna = bench.person("Anna")
    image_id = bench.image(film(next(_NUMBERS)))
    reading, history = bench.readings.load(image_id, anna), History()
    for step in steps:
        if step == "undo" and history.next_undo:
            reading, _ = bench.readings.apply(reading, history.next_undo.inverse, anna, way="undo")
            history = history.undo()
        elif step == "redo" and history.next_redo:
            reading, _ = bench.readings.apply(reading, history.next_redo, anna, way="redo")
            history = history.redo()
        elif callable(step):
            try:
                edit = step(reading)
            except KnuckleError:
                continue
            reading, _ = bench.readings.apply(reading, edit, anna)
            history = history.record(edit)
        assert bench.readings.load(image_id, anna) == reading
    (row,) = bench.worklist.rows([image_id], anna.id)
    assert (row.state, row.done, row.expected) == (reading.state, reading.done, len(reading.expected))
    assert (row.findings, row.excluded) == (reading.findings, bool(reading.facts.excluded))
    while history.next_undo:
        reading, _ = bench.readings.apply(reading, history.next_undo.inverse, anna, way="undo")
        history = history.undo()
    assert bench.readings.load(image_id, anna) == reading
    assert not reading.annotations
