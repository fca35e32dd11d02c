"""What reports draw with: charts, the two hands, cut-out pictures."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from detector.measuring.curves import iou_histogram
from detector.report.chart import Axis, Frame, Line, chart, path, rounded_up, stairs
from detector.report.gallery import View, cut
from detector.report.hands import hands, per_cent


def test_a_view_cuts_what_it_says() -> None:
    """The centres of two by two image pixels lie in those of its quarters; beyond the image it is black."""
    image = np.zeros((8, 8), np.uint16)
    image[2:4, 2:4] = [[1000, 2000], [3000, 4000]]
    seen = cut(image, View(2, 2, 2))
    places = ((49, 49), (49, 149), (149, 49), (149, 149))
    assert [int(seen[y, x]) for y, x in places] == pytest.approx([1000, 2000, 3000, 4000], abs=40)
    assert not cut(image, View(-10, -10, 8)).any()
    assert View(2, 2, 2).place((2.0, 3.0, 3.0, 4.0)) == 'x="0.0" y="100.0" width="100.0" height="100.0"'


def test_lines_go_through_their_points_and_leave_out_those_on_the_way() -> None:
    frame = Frame(Axis("x"), Axis("y"))
    flat = Line(np.array([0, 0.25, 0.5, 1.0]), np.array([0.5, 0.5, 0.5, 0.5]), "a")
    drawn = path(frame, flat)
    assert drawn.count("L") == 1
    assert drawn == f"M{frame.across(0):g} {frame.up(0.5):g}L{frame.across(1):g} {frame.up(0.5):g}"
    back = Line(np.array([0, 1.0, 0.5]), np.array([0.5, 0.5, 0.5]), "a")
    assert path(frame, back).count("L") == 2


def test_stairs_hold_each_height_up_to_its_place() -> None:
    x, y = stairs(np.array([0.5, 1.0]), np.array([1.0, 0.75]))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [(0, 1), (0.5, 1), (0.5, 0.75), (1, 0.75)]


@pytest.mark.parametrize(
    ("most", "end", "count"), [(0, 1, 2), (3, 3, 4), (7, 8, 5), (180, 200, 5), (19999, 20000, 5)]
)
def test_an_axis_ends_at_a_round_number(most: int, end: float, count: int) -> None:
    found, ticks = rounded_up(most)
    assert (found, len(ticks), ticks[0], ticks[-1]) == (end, count, 0, end)


def test_titles_of_charts_are_escaped() -> None:
    drawn = chart('a "b" <c>', Frame(Axis("<x>"), Axis("&")), lines=[])
    assert ET.fromstring(drawn).get("aria-label") == 'a "b" <c>'


def test_hands_without_any_joint_are_drawn_too() -> None:
    drawn = hands({})
    assert drawn.count("undefined") == 20
    ET.fromstring(drawn)


def test_an_empty_histogram_has_an_axis() -> None:
    assert rounded_up(float(iou_histogram(np.array([np.nan])).count.max()))[0] == 1.0


def test_a_rate_below_one_is_never_written_as_100() -> None:
    assert (per_cent(1.0), per_cent(0.9999), per_cent(0.5), per_cent(0.0)) == ("100", "99.9", "50.0", "0.0")
