"""Names of the detector's boxes: every kind of film and of damage on its own, then all of it at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.annotations import ImageFacts
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, TEMPLATE, Hands, Joint, Side, expected_joints, joint_named
from annotator.imaging.hands import HandSeen
from annotator.workflow.naming import Sheet
from annotator.workflow.proposal_doubts import Doubt, Flag, Named, Why
from annotator.workflow.proposal_naming import name_proposals
from benchmarks.hand_geometry import Damage, film, right_names, turns

WIDTH, HEIGHT, UNIT = 2010, 1670, 230.0
MIDDLE = complex(WIDTH, HEIGHT) / 2
USUAL = ImageFacts()
Places = dict[Joint, complex]


def places(facts: ImageFacts = USUAL, seed: int = 0) -> Places:
    """The expected joints of undeformed hands with their fingers up, a little askew and spread; pixels."""
    rng = np.random.default_rng(seed)
    found = {}
    for side in facts.hands.sides:
        on_left = (side is Side.RIGHT) == facts.right_on_left
        middle = WIDTH * (0.25 if on_left else 0.75) if facts.hands is Hands.BOTH else WIDTH / 2
        turn = np.exp(1j * np.radians(rng.uniform(-6, 6)))
        for joint in expected_joints(facts.hands):
            if joint.side is side:
                across, along = TEMPLATE[joint.row, joint.digit]
                own = complex(-across if on_left else across, -along) * turn
                spread = complex(*rng.normal(0, 0.04, 2))
                found[joint] = complex(middle, 760) + UNIT * (own + spread)
    return found


def square(at: complex, side: float = 0.44 * UNIT) -> Box:
    return Box.around((at.real, at.imag), side, side)


def named(
    boxes: Sequence[Box],
    facts: ImageFacts = USUAL,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    sure: float = 0.97,
) -> Named:
    count = len(boxes)
    return name_proposals(boxes, [sure] * count, ["both"] * count, Sheet(*size, facts))


def check(lying: Places, facts: ImageFacts = USUAL, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Named:
    """Every box has the name of its joint; gives what was found."""
    found = named([square(at) for at in lying.values()], facts, size)
    assert found.joints == tuple(lying)
    return found


def flags(found: Named, doubt: Doubt) -> dict[Joint | None, Why]:
    return {flag.joint: flag.why for flag in found.flags if flag.doubt is doubt}


def moved(lying: Places, name: str, across: float, along: float) -> Places:
    """One joint displaced by these units, across to the right and along towards the fingertips."""
    return {j: at + UNIT * complex(across, -along) * (j.name == name) for j, at in lying.items()}


def turned(lying: Places, degrees: float) -> Places:
    """The film turned clockwise about its middle; a quarter turn swaps its sides."""
    middle = complex(HEIGHT, WIDTH) / 2 if degrees % 180 == 90 else MIDDLE
    return {j: (at - MIDDLE) * np.exp(1j * np.radians(degrees)) + middle for j, at in lying.items()}


# -- films -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_every_box_of_undeformed_hands_gets_its_name_without_a_doubt(seed: int) -> None:
    assert check(places(seed=seed)).flags == ()


def test_right_hand_may_lie_on_the_right() -> None:
    facts = ImageFacts(right_on_left=False)
    assert check(places(facts), facts).flags == ()


@pytest.mark.parametrize("hands", [Hands.RIGHT, Hands.LEFT])
def test_film_of_one_hand(hands: Hands) -> None:
    facts = ImageFacts(hands=hands)
    assert check(places(facts), facts).flags == ()


@pytest.mark.parametrize("hands", [Hands.RIGHT, Hands.LEFT])
def test_film_of_one_hand_mirrored(hands: Hands) -> None:
    facts = ImageFacts(hands=hands)
    mirrored = {joint: complex(WIDTH - at.real, at.imag) for joint, at in places(facts).items()}
    found = check(mirrored, facts)
    assert found.hands[0].mirrored
    assert flags(found, Doubt.SIDE) == {None: Why.THUMB_OUTWARDS}


@pytest.mark.parametrize("side", list(Side))
def test_one_hand_on_a_film_of_two(side: Side) -> None:
    lying = {joint: at for joint, at in places().items() if joint.side is side}
    found = check(lying)
    assert flags(found, Doubt.MISSING) == {j: Why.NO_HAND for j in JOINTS if j.side is not side}
    assert [hand.side for hand in found.hands] == [side]


def test_one_hand_in_the_middle_of_a_film_of_two_may_be_either() -> None:
    lying = {joint: at + WIDTH / 4 for joint, at in places().items() if joint.side is Side.RIGHT}
    assert flags(check(lying), Doubt.SIDE) == {None: Why.ONE_HAND}


def test_mirrored_hand_keeps_its_side_and_is_told_of() -> None:
    lying = places()
    middle = np.mean([at.real for joint, at in lying.items() if joint.side is Side.LEFT])
    lying = {
        joint: complex(2 * middle - at.real, at.imag) if joint.side is Side.LEFT else at
        for joint, at in lying.items()
    }
    found = check(lying)
    assert [flag for flag in found.flags if flag.doubt is Doubt.SIDE] == [
        Flag(Doubt.SIDE, Why.THUMB_OUTWARDS, side=Side.LEFT)
    ]
    assert found.doubts(joint_named("L-PIP3"))
    assert not found.doubts(joint_named("R-PIP3"))


@pytest.mark.parametrize("degrees", [-40, 25, 40])
def test_film_askew(degrees: float) -> None:
    found = check(turned(places(), degrees))
    assert np.mean([hand.turn for hand in found.hands]) == pytest.approx(degrees, abs=8)


@pytest.mark.parametrize("degrees", [90, 270])
def test_film_on_its_side_has_the_sides_it_has_with_fingers_up_but_doubtful(degrees: int) -> None:
    found = check(turned(places(), degrees), size=(HEIGHT, WIDTH))
    assert set(flags(found, Doubt.SIDE).values()) == {Why.ABOVE}


def test_film_upside_down_has_its_sides_as_it_lies() -> None:
    over = turned(places(), 180)
    assert check(over, ImageFacts(right_on_left=False)).flags == ()
    other = named([square(at) for at in over.values()])
    assert other.joints == tuple(joint.mirrored for joint in over)


# -- hands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [-30, 15, 30])
def test_fingers_that_drift(angle: float) -> None:
    """Every finger turned in its MP joint, as in long-standing disease; positive: ulnar."""
    lying = places()
    for joint in JOINTS:
        if joint.kind == "PIP":
            knuckle = lying[replace(joint, row=joint_named("R-MP1").row)]
            way = -angle if joint.side is Side.RIGHT else angle
            lying[joint] = knuckle + (lying[joint] - knuckle) * np.exp(1j * np.radians(way))
    check(lying)


@pytest.mark.parametrize("name", ["R-PIP2", "R-PIP3", "L-PIP5", "R-MP3", "L-MP2", "L-MP5"])
@pytest.mark.parametrize("away", [(0.35, 0.0), (-0.35, 0.0), (0.0, -0.5)])
def test_dislocated_joint_keeps_its_name_and_is_implausible(name: str, away: tuple[float, float]) -> None:
    """Along the finger, by half the distance of its joints."""
    lying = moved(places(), name, *away)
    found = check(lying)
    assert set(flags(found, Doubt.PLACE)) <= {joint_named(name)}
    assert (joint_named(name) in flags(found, Doubt.PLACE)) or (name[2:5] == "PIP" and away[0])


def test_flexed_fingers() -> None:
    lying = places()
    for joint in JOINTS:
        if joint.kind == "PIP":
            knuckle = lying[replace(joint, row=joint_named("R-MP1").row)]
            lying[joint] = knuckle + (lying[joint] - knuckle) * 0.6
    check(lying)


# -- boxes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("joint", JOINTS, ids=str)
def test_missing_box_is_told_of_and_moves_no_other_name(joint: Joint) -> None:
    lying = places(seed=3)
    del lying[joint]
    found = check(lying)
    assert flags(found, Doubt.MISSING) == {joint: Why.NO_BOX}
    assert found.missing == (joint,)
    assert found.resolved == ()


def test_joint_beyond_the_edge_of_the_image_is_missing_for_that_reason() -> None:
    lying = {joint: at + 720j for joint, at in places().items()}
    found = check({joint: at for joint, at in lying.items() if at.imag < HEIGHT})
    assert flags(found, Doubt.MISSING) == dict.fromkeys(map(joint_named, ("R-MP1", "L-MP1")), Why.OFF_IMAGE)


def test_surplus_box_gets_no_name() -> None:
    lying = places()
    wrist = complex(WIDTH / 4, 1500)
    found = named([square(wrist), *map(square, lying.values())])
    assert found.joints == (None, *lying)
    assert found.flags == found.resolved == (Flag(Doubt.SURPLUS, Why.NO_JOINT, box=0),)
    assert found.flags[0].reason == "This box lies on no joint of the hands that the boxes show."


@pytest.mark.parametrize(
    ("sure", "seen_by", "away", "kept", "why"),
    [
        ((0.95, 0.99), ("both", "first"), 0.2 + 0j, 0, Why.SEEN_BY_BOTH),
        ((0.99, 0.95), ("second", "both"), 0.2 + 0j, 1, Why.SEEN_BY_BOTH),
        ((0.95, 0.99), ("both", "both"), 0.2 + 0j, 1, Why.MORE_CONFIDENT),
        ((0.99, 0.95), ("first", "second"), 0.2 + 0j, 0, Why.MORE_CONFIDENT),
        ((0.95, 0.95), ("both", "both"), 0.2 + 0j, 0, Why.NEARER),
        ((0.91, 0.99), ("first", "both"), 0.41j, 0, Why.NEARER),
    ],
)
def test_of_two_boxes_on_a_joint_one_is_kept_for_a_reason(
    sure: tuple[float, float], seen_by: tuple[str, str], away: complex, kept: int, why: Why
) -> None:
    joint = joint_named("R-PIP3")
    lying = places()
    at = lying.pop(joint)
    boxes = [square(at), square(at + away * UNIT), *map(square, lying.values())]
    rest = len(lying)
    found = name_proposals(
        boxes, [*sure, *[0.97] * rest], [*seen_by, *["both"] * rest], Sheet(WIDTH, HEIGHT, USUAL)
    )
    assert found.boxes[joint] == kept
    assert found.joints[2:] == tuple(lying)
    assert found.flags == (Flag(Doubt.DOUBLE, why, joint, joint.side, 1 - kept, kept),)
    assert found.flags[0].reason.startswith("Two boxes lie on R-PIP3; the one that is kept ")
    assert found.doubts(joint) == found.resolved == found.flags


def test_ensemble_that_doubles_a_joint_and_misses_another_is_resolved() -> None:
    """Twenty boxes, but one joint has two of them and another one none."""
    lying = places(seed=2)
    gone, twice = joint_named("L-MP4"), joint_named("L-MP5")
    del lying[gone]
    found = named([*map(square, lying.values()), square(lying[twice] + UNIT * complex(0.05, 0.25))])
    assert set(found.boxes) == set(lying)
    assert found.missing == (gone,)
    assert [flag.joint for flag in found.resolved] == [twice]


@pytest.mark.parametrize(("times", "why"), [(1.8, Why.LARGE), (0.5, Why.SMALL)])
def test_box_of_another_size_is_implausible(times: float, why: Why) -> None:
    lying = places()
    joint = joint_named("L-PIP4")
    boxes = [square(at, 0.44 * UNIT * (times if other == joint else 1)) for other, at in lying.items()]
    found = named(boxes)
    assert found.joints == tuple(lying)
    assert found.flags == (Flag(Doubt.SIZE, why, joint, joint.side, found.boxes[joint]),)


def test_box_between_two_joints_of_which_one_is_missing_may_be_either() -> None:
    lying = places()
    near, gone = joint_named("R-MP3"), joint_named("R-MP4")
    lying[near] = (lying[near] + lying.pop(gone)) / 2
    found = named([*map(square, lying.values())])
    (doubt,) = [flag for flag in found.flags if flag.doubt is Doubt.NAME]
    assert {doubt.joint, doubt.other} == {near, gone}


def test_hand_of_few_boxes_is_unsure() -> None:
    lying = {j: at for j, at in places().items() if j.side is Side.RIGHT or j.name in ("L-MP2", "L-PIP3")}
    found = check(lying)
    assert set(flags(found, Doubt.NAME).values()) == {Why.FEW}
    assert {joint.side for joint in flags(found, Doubt.NAME) if joint} == {Side.LEFT}


def test_without_boxes_everything_is_missing() -> None:
    found = named([])
    assert found.joints == found.hands == ()
    assert found.missing == JOINTS
    assert found.flags[0].reason == "No box lies on the right hand, so R-IP1 has none."


@pytest.mark.parametrize("joint", JOINTS, ids=str)
def test_single_box_is_named_where_a_hand_was_seen_and_is_unsure(joint: Joint) -> None:
    lying = places(seed=1)
    knuckles = [lying[joint_named(f"{side}-MP3")] for side in "RL"]
    seen = tuple(HandSeen(at.real, at.imag - 2.05 * UNIT) for at in knuckles)
    found = name_proposals([square(lying[joint])], [0.95], ["both"], Sheet(WIDTH, HEIGHT, USUAL, seen))
    assert found.joints == (joint,)
    assert [flag.why for flag in found.flags if flag.box == 0] == [Why.FEW]


def test_forty_boxes() -> None:
    """The twenty of the hands and as many anywhere else on the film."""
    lying = places()
    rng = np.random.default_rng(4)
    others: list[complex] = []
    while len(others) < 20:
        at = complex(*rng.uniform((0, 0), (WIDTH, HEIGHT)))
        if min(abs(at - one) for one in lying.values()) > 0.6 * UNIT:
            others.append(at)
    found = named([*map(square, lying.values()), *map(square, others)])
    assert found.joints == (*lying, *[None] * 20)


def test_as_many_confidences_as_boxes_are_needed() -> None:
    with pytest.raises(ValueError, match="1 boxes, 2 confidences, 1 seen_by"):
        name_proposals([square(0j)], [0.9, 0.9], ["both"], Sheet(WIDTH, HEIGHT, USUAL))


# -- any boxes ---------------------------------------------------------------------------------------------

reals = st.one_of(st.floats(-1e308, 1e308), st.floats(0, 2010), st.integers(0, 40).map(lambda k: 50.0 * k))
corners = st.tuples(reals, reals, reals, reals).filter(lambda v: v[0] != v[2] and v[1] != v[3])
any_box = corners.map(lambda v: Box.spanning((v[0], v[1]), (v[2], v[3])))
facts_of_images = st.builds(ImageFacts, st.sampled_from(Hands), st.booleans())


@settings(max_examples=80, deadline=None)
@given(st.lists(any_box, max_size=45), facts_of_images)
def test_any_boxes_are_named_at_most_once_each(boxes: list[Box], facts: ImageFacts) -> None:
    found = named(boxes, facts)
    names = [joint for joint in found.joints if joint]
    assert len(found.joints) == len(boxes)
    assert len(set(names)) == len(names)
    expected = set(expected_joints(facts.hands))
    assert set(names) | set(found.missing) == expected
    assert not set(names) & set(found.missing)
    told = {flag.box for flag in found.resolved}
    assert told == {place for place, joint in enumerate(found.joints) if joint is None}
    assert all(flag.reason.endswith(".") and "{" not in flag.reason for flag in found.flags)


def by_content(found: Named, boxes: Sequence[Box]) -> tuple[Mapping[Box, Joint | None], set[object]]:
    told = {
        (
            f.doubt,
            f.why,
            f.joint,
            f.other,
            f.side,
            *(None if k is None else boxes[k] for k in (f.box, f.kept)),
        )
        for f in found.flags
    }
    return dict(zip(boxes, found.joints, strict=True)), told


@pytest.mark.parametrize("seed", range(8))
def test_order_of_the_boxes_does_not_matter(seed: int) -> None:
    one = film(seed, turn=turns(seed), damage=Damage(0.2, surplus=2))
    found = name_proposals(one.boxes, one.confidences, one.seen_by, one.sheet)
    assert found == name_proposals(one.boxes, one.confidences, one.seen_by, one.sheet)
    order = np.random.default_rng(seed).permutation(len(one.boxes)).tolist()
    boxes, sure, seen_by = ([of[k] for k in order] for of in (one.boxes, one.confidences, one.seen_by))
    other = name_proposals(boxes, sure, seen_by, one.sheet)  # type: ignore[arg-type]
    assert by_content(found, one.boxes) == by_content(other, boxes)  # type: ignore[arg-type]


def test_ninety_nine_names_of_a_hundred_are_right_on_deformed_damaged_and_turned_hands() -> None:
    right = 0
    for seed in range(100):
        one = film(seed, turn=turns(seed))
        right += right_names(one, name_proposals(one.boxes, one.confidences, one.seen_by, one.sheet).joints)
    assert right >= 0.99 * 20 * 100
