"""Names of boxes from their place, on hands laid out by the template with a spread of their own."""

import numpy as np
import pytest

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, TEMPLATE, Hands, Joint, Side, expected_joints
from annotator.imaging.hands import HandSeen, see_hands
from annotator.workflow.naming import Sheet, expected_box, mirrored_box, name_boxes

WIDTH, HEIGHT, UNIT = 2010, 1670, 230.0


def hands(seed: int, facts: ImageFacts) -> dict[Joint, Box]:
    """Boxes of every expected joint: turned by up to 10 degrees, spread as the template's source is."""
    rng = np.random.default_rng(seed)
    boxes = {}
    for side in facts.hands.sides:
        on_left = (side is Side.RIGHT) == facts.right_on_left
        middle = WIDTH * (0.25 if on_left else 0.75) if facts.hands is Hands.BOTH else WIDTH / 2
        place = np.array([middle + rng.normal(0, 40), 760 + rng.normal(0, 60)])
        turn, unit = np.radians(rng.uniform(-10, 10)), UNIT * rng.uniform(0.9, 1.1)
        for joint in expected_joints(facts.hands):
            if joint.side is side:
                across, along = TEMPLATE[joint.row, joint.digit]
                x, y = (-across if on_left else across), -along
                turned = np.array([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y])
                spread = 0.12 if joint.digit == 1 else 0.06
                centre = place + unit * (turned + rng.normal(0, spread, 2))
                boxes[joint] = Box.around((centre[0], centre[1]), 0.44 * unit, 0.44 * unit)
    return boxes


def reading(boxes: dict[Joint, Box], facts: ImageFacts) -> Reading:
    return Reading(1, 1, facts, {joint: JointAnnotation(joint, box) for joint, box in boxes.items()})


@pytest.mark.parametrize(
    "facts", [ImageFacts(), ImageFacts(right_on_left=False), ImageFacts(hands=Hands.LEFT)], ids=str
)
def test_all_boxes_of_an_image_get_their_names_in_whatever_order_they_come(facts: ImageFacts) -> None:
    wrong = 0
    for seed in range(30):
        boxes = hands(seed, facts)
        joints = list(boxes)
        np.random.default_rng(seed).shuffle(joints)  # type: ignore[arg-type]
        names = name_boxes([boxes[joint] for joint in joints], {}, Sheet(WIDTH, HEIGHT, facts))
        wrong += sum(name != joint for name, joint in zip(names, joints, strict=True))
    assert wrong <= 30 * len(expected_joints(facts.hands)) // 100


def test_a_box_takes_no_name_that_is_settled_and_fits_among_the_others() -> None:
    boxes = hands(3, ImageFacts())
    for last in JOINTS:
        settled = {joint: box for joint, box in boxes.items() if joint != last}
        assert name_boxes([boxes[last]], settled, Sheet(WIDTH, HEIGHT, ImageFacts())) == (last,)


def test_more_boxes_than_joints_are_refused() -> None:
    box = Box(0, 0, 10, 10)
    with pytest.raises(ValueError, match="11 boxes for 10 joints"):
        name_boxes([box] * 11, {}, Sheet(WIDTH, HEIGHT, ImageFacts(hands=Hands.LEFT)))


def test_where_a_missing_joint_is_expected_lies_its_box() -> None:
    boxes = hands(5, ImageFacts())
    for joint in JOINTS:
        others = {other: box for other, box in boxes.items() if other != joint}
        guess = expected_box(joint, reading(others, ImageFacts()), Sheet(WIDTH, HEIGHT, ImageFacts()))
        away = np.hypot(*np.subtract(guess.centre, boxes[joint].centre)) / UNIT
        assert away < (0.5 if joint.digit == 1 else 0.25), joint
        assert guess.width == pytest.approx(boxes[joint].width, rel=0.25)


def test_a_mirrored_box_follows_the_other_boxes_of_the_other_hand() -> None:
    boxes = hands(7, ImageFacts())
    joint = JOINTS[2]
    alone = mirrored_box(
        joint, reading({joint: boxes[joint]}, ImageFacts()), Sheet(WIDTH, HEIGHT, ImageFacts())
    )
    assert alone == boxes[joint].mirrored(WIDTH)
    others = {other: box for other, box in boxes.items() if other != joint.mirrored}
    guess = mirrored_box(joint, reading(others, ImageFacts()), Sheet(WIDTH, HEIGHT, ImageFacts()))
    away = np.hypot(*np.subtract(guess.centre, boxes[joint.mirrored].centre)) / UNIT
    assert away < 0.5


def test_hands_are_seen_where_the_bright_shapes_are() -> None:
    pixels = np.full((HEIGHT, WIDTH), 60, np.uint16)
    pixels[200:, 300:700] = 500
    pixels[300:, 1300:1700] = 500
    left, right = see_hands(pixels, 2)
    assert left is not None
    assert right is not None
    assert (left.x, left.top) == (pytest.approx(500, abs=15), pytest.approx(200, abs=15))
    assert (right.x, right.top) == (pytest.approx(1500, abs=15), pytest.approx(300, abs=15))


def test_no_hand_is_seen_on_an_empty_film() -> None:
    assert see_hands(np.zeros((HEIGHT, WIDTH), np.uint16), 2) == (None, None)


def test_a_hand_that_is_seen_names_the_first_box() -> None:
    facts = ImageFacts()
    boxes = hands(11, facts)
    seen = []
    for side in (Side.RIGHT, Side.LEFT):
        x, y = boxes[Joint(side, JOINTS[5].row, 3)].centre
        seen.append(HandSeen(x, y - 2.05 * UNIT))
    sheet = Sheet(WIDTH, HEIGHT, facts, tuple(seen))
    right = sum(name_boxes([box], {}, sheet) == (joint,) for joint, box in boxes.items())
    assert right >= 18
