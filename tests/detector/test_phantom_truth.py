"""What a phantom promises: names, boxes, findings, repeatability."""

import numpy as np
import pytest

from detector.phantom import FINDINGS, Phantom, draw

DISPLACED = {"subluxation", "dislocation"}
NAMES = {
    f"{side}-{joint}"
    for side in "RL"
    for joint in ["IP1"] + [f"PIP{n}" for n in "2345"] + [f"MP{n}" for n in "12345"]
}


@pytest.fixture(scope="module")
def plain() -> Phantom:
    return draw(7, findings_rate=0.0)


@pytest.fixture(scope="module")
def ill() -> list[Phantom]:
    return [draw(seed, findings_rate=1.0, size=(668, 804)) for seed in range(6)]


def centre(phantom: Phantom, name: str) -> np.ndarray:
    x0, y0, x1, y1 = next(joint.box for joint in phantom.joints if joint.name == name)
    return np.array([(x0 + x1) / 2, (y0 + y1) / 2])


def test_the_same_arguments_give_the_same_bytes_and_others_do_not(plain: Phantom) -> None:
    again = draw(7, findings_rate=0.0)
    assert again.pixels.tobytes() == plain.pixels.tobytes()
    assert again.joints == plain.joints
    assert draw(8, findings_rate=0.0).pixels.tobytes() != plain.pixels.tobytes()


def test_pixels_are_ten_bit_of_the_wanted_size(plain: Phantom) -> None:
    assert plain.pixels.dtype == np.uint16
    assert plain.pixels.shape == (1670, 2010)
    assert 900 < plain.pixels.max() <= 1023
    assert 5 < np.median(plain.pixels[:20]) < 150
    assert plain.spacing_mm == 0.15


@pytest.mark.parametrize("size", [(835, 1005), (700, 1300), (1200, 800)])
def test_other_sizes_hold_both_hands(size: tuple[int, int]) -> None:
    phantom = draw(3, size=size)
    assert phantom.pixels.shape == size
    for joint in phantom.joints:
        x0, y0, x1, y1 = joint.box
        assert 0 <= x0 < x1 <= size[1]
        assert 0 <= y0 < y1 <= size[0]


def test_twenty_joints_in_square_boxes_of_the_hand_s_own_unit(ill: list[Phantom], plain: Phantom) -> None:
    for phantom in [plain, *ill]:
        assert {joint.name for joint in phantom.joints} == NAMES
        assert len(phantom.joints) == 20
        for joint in phantom.joints:
            side = joint.name[0]
            unit = float(np.linalg.norm(centre(phantom, f"{side}-MP3") - centre(phantom, f"{side}-PIP3")))
            x0, y0, x1, y1 = joint.box
            assert x1 - x0 == pytest.approx(0.44 * unit)
            assert y1 - y0 == pytest.approx(0.44 * unit)
            assert min(x0, y0) >= 0
            assert x1 <= phantom.pixels.shape[1]
            assert y1 <= phantom.pixels.shape[0]


def test_findings_follow_the_rate_and_spare_the_thumb_tips(ill: list[Phantom], plain: Phantom) -> None:
    assert not any(joint.findings for joint in plain.joints)
    found = [joint for phantom in ill for joint in phantom.joints if joint.findings]
    assert len(found) == 6 * 20
    assert {finding for joint in found for finding in joint.findings} == set(FINDINGS)
    for joint in found:
        assert not set(joint.findings) >= DISPLACED
        if joint.name.endswith("IP1") and "PIP" not in joint.name:
            assert not DISPLACED & set(joint.findings)


@pytest.mark.parametrize("right_on_left", [True, False])
def test_thumbs_lie_in_the_middle_whichever_hand_is_on_the_left(right_on_left: bool) -> None:
    phantom = draw(5, right_on_left=right_on_left, size=(668, 804))
    assert phantom.right_on_left is right_on_left
    left, right = ("R", "L") if right_on_left else ("L", "R")
    order = [f"{left}-MP5", f"{left}-MP2", f"{left}-IP1", f"{right}-IP1", f"{right}-MP2", f"{right}-MP5"]
    places = [centre(phantom, name)[0] for name in order]
    assert places == sorted(places)
    for side in "RL":
        assert centre(phantom, f"{side}-PIP3")[1] < centre(phantom, f"{side}-MP3")[1]


def test_visits_show_the_same_bones_in_another_position() -> None:
    first, second = (draw(11, visit=visit, findings_rate=0.3, size=(668, 804)) for visit in (1, 2))
    assert first.pixels.tobytes() != second.pixels.tobytes()
    assert abs(centre(first, "R-MP3") - centre(second, "R-MP3")).max() > 0.5
    before, after = ({joint.name: joint.findings for joint in phantom.joints} for phantom in (first, second))
    assert all(after[name] for name in before if before[name])

    def shape(phantom: Phantom) -> float:
        across = np.linalg.norm(centre(phantom, "R-MP2") - centre(phantom, "R-MP5"))
        return float(across / np.linalg.norm(centre(phantom, "R-MP2") - centre(phantom, "R-MP3")))

    stranger = draw(12, findings_rate=0.0, size=(668, 804))
    still = [draw(11, visit=visit, findings_rate=0.0, size=(668, 804)) for visit in (1, 2)]
    assert shape(still[0]) == pytest.approx(shape(still[1]), rel=1e-3)
    assert shape(still[0]) != pytest.approx(shape(stranger), rel=1e-3)


@pytest.mark.parametrize(
    ("visit", "rate", "size"),
    [(0, 0.1, (668, 804)), (1, 1.5, (668, 804)), (1, -0.1, (668, 804)), (1, 0.1, (100, 2000))],
)
def test_what_cannot_be_drawn_is_refused(visit: int, rate: float, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        draw(1, visit=visit, findings_rate=rate, size=size)
