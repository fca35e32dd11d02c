"""Whatever is decided, run again, moved and undone, in any order: what is stored is what is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from detection_samples import OTHER, Review, review_on
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MIGRATIONS, Desk, desk_on, open_database

from annotator.domain import deciding, gestures
from annotator.domain.deciding import Correction
from annotator.domain.decisions import Outcome, annotations_from
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError
from annotator.domain.joints import JOINTS
from annotator.domain.proposals import Proposal
from annotator.store.check import check
from annotator.store.versions import Versions
from tests.proposal_samples import place, proposed

_NUMBERS = count(1)
_SOME = (*JOINTS[:3], *JOINTS[10:12])
_EXTRA = JOINTS[15]

Step = Callable[[Review], Edit]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One database for all examples; each takes a film of its own."""
    database = open_database(tmp_path_factory.mktemp("decisions"))
    yield desk_on(database)
    database.close()
    assert check(database.path, MIGRATIONS).problems == ()


def _proposals(shift: float) -> tuple[Proposal, ...]:
    """For a few joints of both hands, of different confidence, and a box without a name."""
    named = (
        proposed(joint, box=place(joint).moved(shift, 0), confidence=0.9 + 0.02 * number)
        for number, joint in enumerate(_SOME)
    )
    return (*named, proposed(_EXTRA, named=False))


def _chosen(review: Review, number: int) -> Proposal:
    run = review.standing.named(review.reading)
    assert run is not None
    return run.proposals[number]


def _accept(number: int, shift: float, corrected: bool, instead: bool) -> Step:
    def step(review: Review) -> Edit:
        proposal = _chosen(review, number)
        correction = Correction(
            joint=_EXTRA if proposal.joint is None else None,
            box=proposal.box.moved(shift, 0) if shift else None,
            marks=() if corrected else None,
        )
        before = review.standing.decisions.get(proposal.id)
        return deciding.accept(review.reading, proposal, correction, before=before, instead=instead)

    return step


def _reject(number: int) -> Step:
    def step(review: Review) -> Edit:
        proposal = _chosen(review, number)
        return deciding.reject(review.reading, proposal, before=review.standing.decisions.get(proposal.id))

    return step


def _rest(threshold: float) -> Step:
    return lambda review: deciding.accept_rest(
        review.reading, review.standing.rest(review.reading, threshold)
    )


def _swap(review: Review) -> Edit:
    return gestures.swap_sides(review.reading)


def _move(number: int) -> Step:
    joint = _SOME[number % len(_SOME)]
    return lambda review: gestures.set_box(review.reading, joint, place(joint).moved(9, 9), Action.MOVE)


def _delete(number: int) -> Step:
    return lambda review: gestures.delete(review.reading, _SOME[number % len(_SOME)])


_number = st.integers(0, len(_SOME))
_steps = st.lists(
    st.one_of(
        st.builds(_accept, _number, st.sampled_from([0.0, 5.0]), st.booleans(), st.booleans()),
        st.builds(_reject, _number),
        st.builds(_rest, st.sampled_from([0.0, 0.93])),
        st.builds(_move, _number),
        st.builds(_delete, _number),
        st.sampled_from([_swap, "undo", "redo", "run", "other version"]),
    ),
    max_size=20,
)


@given(steps=_steps)
@settings(max_examples=15)
def test_stored_is_what_is_in_memory(bench: Desk, steps: list[Step | str]) -> None:
    review = review_on(bench, number=next(_NUMBERS), run=False)
    other = Versions(bench.database).register(OTHER, bench.admin)
    review.run(_proposals(0))
    history = History()
    for shift, step in enumerate(steps):
        if step == "undo" and history.next_undo:
            review.do(history.next_undo.inverse, "undo")
            history = history.undo()
        elif step == "redo" and history.next_redo:
            review.do(history.next_redo, "redo")
            history = history.redo()
        elif step in ("run", "other version"):
            review.run(_proposals(shift / 4), other if step == "other version" else None)
        elif callable(step):
            try:
                edit = step(review)
            except KnuckleError:
                continue
            review.do(edit)
            history = history.record(edit)
        assert review.agrees()
        standing = annotations_from(review.reading.annotations.values())
        decided = review.standing.decisions
        assert all(decided[one].outcome is not Outcome.REJECTED for one in standing)
        assert not {p.joint for p in review.standing.undecided(review.reading)} & set(review.reading.boxes)
    while history.next_undo:
        review.do(history.next_undo.inverse, "undo")
        history = history.undo()
    assert review.agrees()
    assert (dict(review.reading.annotations), dict(review.standing.decisions)) == ({}, {})
