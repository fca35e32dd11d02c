"""What SQLite adds up for a queue is what the values of the domain say, and nobody is told too much."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from detection_samples import FOLDER, OTHER, Review, review_on
from sqlalchemy import update
from store_samples import Desk, film

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.differences import BOX_DIFFERS
from annotator.domain.edits import Action, Edit, JointChange
from annotator.domain.findings import Certainty, Finding
from annotator.domain.geometry import iou
from annotator.domain.joints import JOINTS, Joint, joint_named
from annotator.domain.people import Person, Role
from annotator.domain.proposals import NOT_SEEN, Flag, FlagKind, Probabilities, Proposal, Run, SeenBy
from annotator.domain.revealing import RevealPolicy
from annotator.domain.versions import ModelVersion
from annotator.store.detections import Detections
from annotator.store.queue import QueueStore
from annotator.store.queue_readings import reader_splits
from annotator.store.tables import image
from annotator.store.versions import Versions
from tests.proposal_samples import place, proposed, run_over

FLAG = (Flag(FlagKind.IMPLAUSIBLE, "Odd."),)
OVER = (Flag(FlagKind.DUPLICATE, "Two."), Flag(FlagKind.IMPLAUSIBLE, "Odd."))


def chances(rng: random.Random) -> Probabilities:
    background = rng.random() * 0.2
    present = rng.random() * (1 - background)
    return Probabilities(background, 1 - background - present, present)


def wild(rng: random.Random, joint: Joint) -> Proposal:
    """Whatever a detector may say of a joint."""
    seen = SeenBy.FIRST if joint.kind == "IP" else rng.choice(list(SeenBy))
    return Proposal(
        None if rng.random() < 0.1 else joint,
        place(joint).moved(rng.choice((0, 4, 20)), 0),
        rng.random(),
        NOT_SEEN if seen is SeenBy.SECOND else chances(rng),
        NOT_SEEN if seen is SeenBy.FIRST else chances(rng),
        seen,
        rng.choice(((), (), FLAG, OVER)),
    )


def wild_run(rng: random.Random, image_id: int, version: ModelVersion) -> Run:
    proposals = tuple(wild(rng, joint) for joint in JOINTS if rng.random() < 0.9)
    named = {one.joint for one in proposals}
    missing = tuple((joint, "Not found.") for joint in JOINTS if joint not in named)
    run = run_over(image_id, proposals, version_id=version.id, sha256=version.sha256)
    return replace(run, missing=missing, right_on_left=rng.random() < 0.7)


@pytest.fixture
def ward(desk: Desk) -> list[tuple[int, Run, Run]]:
    """Images with runs of two versions, the older one first, of which right and left may be known better."""
    rng = random.Random(7)
    first, second = (Versions(desk.database).register(one, desk.admin) for one in (FOLDER, OTHER))
    detections, made = Detections(desk.database), []
    for number in range(1, 13):
        image_id = desk.image(film(number, patient=f"patient {number // 3}"))
        older, newer = (wild_run(rng, image_id, version) for version in (first, second))
        detections.add(wild_run(rng, image_id, first), desk.admin)
        made.append((image_id, detections.add(older, desk.admin), detections.add(newer, desk.admin)))
    return made


def test_doubts_are_those_of_the_newest_run(desk: Desk, ward: list[tuple[int, Run, Run]]) -> None:
    found = {of.image_id: one for of, one in QueueStore(desk.database).doubts(desk.study.id)}
    assert list(found) == [image_id for image_id, _, _ in ward]
    for image_id, _, stored in ward:
        run, doubts = stored.named_for(ImageFacts()), found[image_id]
        assert set(doubts.missing) == {joint for joint, _ in run.missing}
        assert doubts.flagged == sum(bool(one.flags) for one in stored.proposals)
        lowest = min(run.proposals, key=lambda one: one.confidence)
        assert (doubts.lowest, doubts.lowest_joint) == (lowest.confidence, lowest.joint)
        near = {(one, finding): closeness(one, finding) for one in run.proposals for finding in one.assessed}
        assert doubts.closeness == pytest.approx(sum(value * value for value in near.values()))
        (one, finding), _ = max(near.items(), key=lambda item: item[1])
        assert doubts.nearest is not None
        assert (doubts.nearest.joint, doubts.nearest.finding) == (one.joint, finding)
        assert doubts.nearest.present == one.of(finding).present


def closeness(one: Proposal, finding: Finding) -> float:
    of = one.of(finding)
    return 1 - abs(of.present - of.absent) / (of.present + of.absent)


def test_versions_are_compared_joint_by_joint(desk: Desk, ward: list[tuple[int, Run, Run]]) -> None:
    found = {of.image_id: one for of, one in QueueStore(desk.database).version_splits(desk.study.id)}
    assert len(found) == len(ward)
    for image_id, older, newer in ward:
        new, old = (named(run) for run in (newer, older))
        split = found[image_id]
        assert (split.newer, split.older) == ("demo 2", "demo 1")
        assert set(split.newer_only) == set(new) - set(old)
        assert set(split.older_only) == set(old) - set(new)
        both = [joint for joint in JOINTS if joint in new and joint in old]
        assert [j for j in both if otherwise(new[j], old[j])] == list(split.findings)
        apart = {j: iou(new[j].box, old[j].box) for j in both if iou(new[j].box, old[j].box) < BOX_DIFFERS}
        assert list(apart) == list(split.apart)
        assert split.apart_by == pytest.approx(sum(1 - value for value in apart.values()))


def named(run: Run) -> dict[Joint, Proposal]:
    return {one.joint: one for one in run.named_for(ImageFacts()).proposals if one.joint is not None}


def otherwise(a: Proposal, b: Proposal) -> bool:
    both = set(a.assessed) & set(b.assessed)
    return any((a.of(f).present > a.of(f).absent) != (b.of(f).present > b.of(f).absent) for f in both)


def test_detectors_are_compared_where_both_judge(desk: Desk, ward: list[tuple[int, Run, Run]]) -> None:
    found = {of.image_id: one for of, one in QueueStore(desk.database).detector_splits(desk.study.id)}
    for image_id, _, stored in ward:
        run, split = named(stored), found[image_id]
        alone = {joint for joint, one in run.items() if one.not_assessed}
        assert set(split.first_only) | set(split.second_only) >= alone
        assert set(split.second_only) == {j for j, one in run.items() if one.seen_by is SeenBy.SECOND}
        assert not [joint for joint in split.first_only if joint.kind == "IP"]
        assert split.overlaps == sum(one.flags == OVER for one in stored.proposals)
        assert split.unnamed == sum(
            one.joint is None and one.seen_by is not SeenBy.BOTH for one in stored.proposals
        )


def test_one_version_is_not_compared_and_withdrawn_images_do_not_count(desk: Desk) -> None:
    review = review_on(desk)
    store = QueueStore(desk.database)
    assert store.version_splits(desk.study.id) == []
    assert len(store.doubts(desk.study.id)) == len(store.detector_splits(desk.study.id)) == 1
    desk.studies.withdraw_image(review.image_id, "consent", desk.admin)
    assert (store.doubts(desk.study.id), store.detector_splits(desk.study.id)) == ([], [])


def test_sides_that_were_settled_later_name_the_joints(desk: Desk) -> None:
    review = review_on(desk, run=False)
    review.run(tuple(proposed(joint, confidence=0.5 if joint.name == "R-MP3" else 0.9) for joint in JOINTS))
    with desk.database.write() as connection:
        connection.execute(update(image).values(right_on_left=0))
    ((_, doubts),) = QueueStore(desk.database).doubts(desk.study.id)
    assert doubts.lowest_joint == joint_named("L-MP3")


def read(review: Review, *, finding: str = "", skip: str = "", sign: bool = False) -> Reading:
    """All joints by hand where the model has them, one otherwise; complete but for the joint to skip."""
    said = [JointAnnotation(joint, place(joint), confirmed=True) for joint in JOINTS if joint.name != skip]
    if finding:
        said = [
            one.with_finding(Finding.ANKYLOSIS, Certainty.CERTAIN) if one.joint.name == finding else one
            for one in said
        ]
    review.do(Edit(Action.DRAW, tuple(JointChange(one.joint, None, one) for one in said)))
    if sign:
        review.reading = review.desk.readings.sign(review.reading, review.by)
    return review.reading


def test_readers_are_compared_when_they_are_done(desk: Desk) -> None:
    review = review_on(desk)
    assert reader_splits(desk.database, desk.study.id, None) == []
    read(review, finding="R-PIP3", skip="L-MP5")
    assert reader_splits(desk.database, desk.study.id, None) == [], "one joint waits: it would differ"
    last = JointAnnotation(joint_named("L-MP5"), place(joint_named("L-MP5")).moved(25, 0), confirmed=True)
    review.do(Edit(Action.DRAW, (JointChange(last.joint, None, last),)))
    told: list[tuple[int, int]] = []
    ((of, split),) = reader_splits(desk.database, desk.study.id, None, lambda *done: told.append(done))
    assert (of.reader, of.patient_code, of.visit) == ("Anna", "K-001", 1)
    assert [(one.kind.value, str(one.joint)) for one in split.found] == [
        ("finding", "R-PIP3"),
        ("box", "L-MP5"),
    ]
    assert told == [(0, 1), (1, 1)]
    assert reader_splits(desk.database, desk.study.id, desk.person("Ben")) == []
    assert len(reader_splits(desk.database, desk.study.id, review.by)) == 1


@pytest.mark.parametrize("policy", list(RevealPolicy))
def test_nobody_is_compared_before_they_were_shown_or_signed(desk: Desk, policy: RevealPolicy) -> None:
    desk.studies.set_reveal_policy(desk.study.id, policy, desk.admin)
    review = review_on(desk, run=False)
    new = run_over(review.image_id, version_id=review.version.id, sha256=review.version.sha256)
    review.detections.add(new, desk.admin)
    read(review, finding="R-PIP3")
    assert reader_splits(desk.database, desk.study.id, None) == []
    desk.readings.sign(review.reading, review.by)
    assert len(reader_splits(desk.database, desk.study.id, None)) == 1


Step = Callable[[Review], object]


@pytest.mark.parametrize(
    ("policy", "step", "hidden"),
    [
        (RevealPolicy.AT_ONCE, lambda _: None, False),
        (RevealPolicy.ALL_LABELLED, lambda _: None, True),
        (RevealPolicy.ALL_LABELLED, lambda review: read(review, skip="L-MP5"), True),
        (RevealPolicy.ALL_LABELLED, read, False),
        (RevealPolicy.SIGNED, read, True),
        (RevealPolicy.SIGNED, lambda review: read(review, sign=True), False),
    ],
)
def test_what_is_hidden_is_what_the_standing_hides(
    desk: Desk, policy: RevealPolicy, step: Step, hidden: bool
) -> None:
    desk.studies.set_reveal_policy(desk.study.id, policy, desk.admin)
    review = review_on(desk, run=False)
    new = run_over(review.image_id, version_id=review.version.id, sha256=review.version.sha256)
    review.detections.add(new, desk.admin)
    step(review)
    store = QueueStore(desk.database)
    assert review.detections.standing(review.image_id, review.by).hidden is hidden
    assert store.hidden(desk.study.id, review.by) == ({review.image_id} if hidden else set())
    assert (review.image_id in store.finished(desk.study.id, review.by)) == (
        len(review.reading.annotations) == len(JOINTS)
    )


def test_who_was_shown_once_is_shown_always(desk: Desk) -> None:
    review = review_on(desk)
    desk.studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.admin)
    store = QueueStore(desk.database)
    assert store.hidden(desk.study.id, review.by) == set()
    assert store.hidden(desk.study.id, Person(99, "Nobody", Role.READER)) == {review.image_id}
