"""The shipped model over a drawn film: from the run to the signed reading, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import iou
from annotator.store.check import check
from annotator.workflow.detection import paper_of
from tests.command_line import ROOT
from tests.study_fixtures import sit_down
from tests.workflow.desk_driver import truth
from tests.workflow.model_driver import MS
from tests.workflow.review_driver import Seat, seat


@pytest.fixture
def at_film(data: Path, qtbot: QtBot) -> Iterator[Seat]:
    """The first image is open, the shipped version active."""
    with sit_down(data) as desk:
        assert desk.house.models.bring_shipped(desk.person)
    with seat(data, qtbot) as made:
        yield made


def ask(at: Seat, qtbot: QtBot) -> None:
    proposing = at.at.sitting.proposing
    with qtbot.waitSignal(proposing.proposed, timeout=MS):
        proposing.ask(at.image_id)


def test_what_it_proposes_is_named_accepted_and_signed(at_film: Seat, data: Path, qtbot: QtBot) -> None:
    ask(at_film, qtbot)
    review, run = at_film.review, at_film.review.run
    assert run is not None
    paper = paper_of(at_film.at.house.models.versions.all()[0])
    assert run.thresholds == next(scan.thresholds for scan in paper.scans if scan.name == run.scan)
    drawn = truth(at_film.desk)
    found = {joint: proposal.box for joint, proposal in review.by_joint.items()}
    assert sum(iou(box, drawn[joint]) > 0.5 for joint, box in found.items()) >= 18
    rejected = review.rest[0]
    review.choose(rejected)
    assert at_film.deciding.reject()
    rest = review.rest
    assert len(rest) >= 15
    assert at_film.deciding.accept_rest(rest)
    decided = at_film.reading
    ask(at_film, qtbot)
    assert review.run is not None
    assert review.run.id > run.id
    assert at_film.reading == decided, "a new run touches nothing"
    assert rejected.joint not in at_film.joints, "and does not bring back what was rejected"
    assert not {p.joint for p in rest} & set(at_film.joints)
    while review.waiting:
        review.step(1)
        assert at_film.deciding.reject()
    for joint in at_film.reading.expected:
        if not at_film.reading.of(joint).done:
            assert at_film.desk.perform(
                lambda r, j=joint: gestures.set_not_assessable(r, j, NotAssessable.OVERLAP)
            )
    assert at_film.reading.state is ReadingState.COMPLETE
    assert at_film.desk.sign()
    assert at_film.agrees()
    report = check(data / "knuckle.sqlite", ROOT / "alembic")
    assert (report.problems, report.counts["runs"], report.counts["reveals"]) == ((), 2, 2)


def test_a_film_with_its_sides_swapped_is_named_by_the_reader(at_film: Seat, qtbot: QtBot) -> None:
    ask(at_film, qtbot)
    before = {joint: proposal.box for joint, proposal in at_film.review.by_joint.items()}
    assert at_film.desk.perform(gestures.swap_sides)
    after = {joint: proposal.box for joint, proposal in at_film.review.by_joint.items()}
    assert after == {joint.mirrored: box for joint, box in before.items()}
    rest = {proposal.joint: proposal.box for proposal in at_film.review.rest}
    assert at_film.deciding.accept_rest(at_film.review.rest)
    assert at_film.reading.boxes == rest
    assert at_film.agrees()
