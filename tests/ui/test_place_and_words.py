"""Where a reader was comes back or is passed over; looks, sides and gestures are shown in words."""

import json
from dataclasses import replace

import pytest
from panels_samples import boxes, reading
from PySide6.QtCore import QSettings

from annotator.domain import deciding, gestures
from annotator.domain.annotations import ImageFacts
from annotator.domain.edits import Action
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.images import Study
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Hands, joint_named
from annotator.domain.people import Person, Role
from annotator.domain.proposals import Probabilities, Proposal, SeenBy
from annotator.imaging.display import Look, Window
from annotator.ui.edit_words import edit_words
from annotator.ui.joint_words import sides_words
from annotator.ui.look_words import look_words, spacing_words
from annotator.ui.place import Place
from annotator.ui.projection import ViewState
from tests.languages import shout, spoken

ANNA, HANDS = Person(1, "Anna", Role.READER), Study(1, "Hands", "K")
PIP3 = joint_named("R-PIP3")
PLACE = Place(
    1, 7, PIP3, ViewState(2.5, (100.0, 50.0), 3, mirrored=True), Look(Window(500.0, 900.0, "bone"), 1, True)
)


@pytest.fixture
def shouting(qapp):
    with spoken(shout):
        yield


@pytest.fixture
def memory(tmp_path):
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


def written(memory):
    """What Anna's place is written as."""
    PLACE.save(memory, ANNA)
    key = next(key for key in memory.allKeys() if key.startswith("place"))
    return key, json.loads(memory.value(key))


def test_a_place_comes_back_as_it_was_left(memory):
    written(memory)
    assert Place.load(memory, ANNA, HANDS) == PLACE


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("image", "7"), ("image", [7]), ("joint", "R-PIP9"), ("joint", 5), ("view", None), ("look", []),
        ("view", {"zoom": 0, "centre": [1, 1]}), ("view", {"zoom": -2, "centre": [1, 1]}),
        ("view", {"zoom": float("nan"), "centre": [1, 1]}), ("view", {"zoom": 10**400, "centre": [1, 1]}),
        ("view", {"zoom": 1, "centre": [float("inf"), 1]}), ("view", {"zoom": 1, "centre": [1]}),
        ("view", {"zoom": 1, "centre": [1, 1], "quarter_turns": 7}),
        ("view", {"zoom": 1, "centre": [1, 1], "quarter_turns": "1"}),
        ("view", {"zoom": "1", "centre": [1, 1]}), ("view", {"zoom": 1, "centre": [1, 1], "more": 1}),
        ("look", {"window": {"centre": 1, "width": 0}, "voi_lut": None, "inverted": False}),
        ("look", {"window": None, "voi_lut": "0", "inverted": False}),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_read_is_as_good_as_none(memory, part, value):
    key, values = written(memory)
    memory.setValue(key, json.dumps({**values, part: value}))
    assert Place.load(memory, ANNA, HANDS) is None


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "3", '"view"', "null"])
def test_a_place_that_is_something_else_is_as_good_as_none(memory, text):
    key, _ = written(memory)
    memory.setValue(key, text)
    assert Place.load(memory, ANNA, HANDS) is None


@pytest.mark.parametrize("bad", [{"zoom": 0.0}, {"zoom": -1.0}, {"zoom": float("nan")}, {"quarter_turns": 4}])
def test_a_view_that_nobody_can_have_is_refused(bad):
    with pytest.raises(ValueError, match=r"no view|quarter turns"):
        replace(PLACE.view, **bad)


@pytest.mark.parametrize(
    ("turns", "mirrored", "words"),
    [(0, False, "on the left"), (1, False, "at the top"), (2, False, "on the right"),
     (3, False, "at the bottom"), (0, True, "on the right"), (1, True, "at the bottom"),
     (2, True, "on the left"), (3, True, "at the top")],
)  # fmt: skip
def test_the_right_hand_is_said_to_be_where_it_is_seen(turns, mirrored, words):
    confirmed = ImageFacts(side_confirmed=True)
    assert sides_words(confirmed, mirrored, turns) == f"R {words}"
    assert sides_words(ImageFacts(), mirrored, turns) == f"R {words} (assumed)"
    assert sides_words(replace(confirmed, right_on_left=False), mirrored, turns + 2) == f"R {words}"
    assert sides_words(ImageFacts(hands=Hands.RIGHT), mirrored, turns) == "right hand only"


def every_edit():
    """One edit of each action on a reading of twenty confirmed joints."""
    full = reading()
    some = reading(R_PIP3=None)
    box = boxes()[PIP3].moved(3, 3)
    yield "draw the box of R-PIP3", gestures.draw(some, PIP3, box)
    for action, word in ((Action.MOVE, "move"), (Action.RESIZE, "resize"), (Action.NUDGE, "nudge")):
        yield f"{word} the box of R-PIP3", gestures.set_box(full, PIP3, box, action)
    yield "delete the box of R-PIP3", gestures.delete(full, PIP3)
    yield "name the box R-PIP3", gestures.rename(full, PIP3.mirrored, PIP3)
    yield "copy the box to L-PIP3", gestures.copy_mirrored(reading(L_PIP3=None), PIP3, box)
    found = gestures.toggle_finding(full, PIP3, Finding.SUBLUXATION)
    yield "subluxation of R-PIP3", found
    yield "subluxation of R-PIP3", gestures.toggle_finding(found.apply(full), PIP3, Finding.SUBLUXATION)
    yield "how certain R-PIP3 is", gestures.next_certainty(found.apply(full), PIP3)
    yield "R-PIP3 is normal", gestures.set_normal(full, PIP3)
    yield "R-PIP3 is not assessable", gestures.set_not_assessable(full, PIP3, NotAssessable.IMPLANT)
    yield "confirm R-PIP3", gestures.confirm(full, PIP3)
    yield "comment on R-PIP3", gestures.comment_joint(full, PIP3, "?")
    drawn = gestures.draw(some, PIP3, box).apply(some)
    yield "rest is normal", gestures.rest_normal(drawn)
    yield "comment on the image", gestures.comment_image(full, "?")
    yield "swap right and left", gestures.swap_sides(full)
    yield "right and left are as shown", gestures.confirm_sides(full)
    yield "which hands are shown", gestures.set_hands(replace(full, annotations={}), Hands.LEFT)
    yield "whether the image is read", gestures.exclude(full, "blurred")
    proposed, unnamed = proposal(PIP3, 1), proposal(None, 2)
    yield "accept the proposal for R-PIP3", deciding.accept(some, proposed)
    yield "reject the proposal for R-PIP3", deciding.reject(some, proposed)
    yield "reject a proposal", deciding.reject(some, unnamed)
    yield "accept the rest", deciding.accept_rest(some, [proposed])


def proposal(joint, number):
    """One that both detectors saw, without a finding."""
    absent = Probabilities(0.02, 0.97, 0.01)
    return Proposal(joint, boxes()[PIP3], 0.97, absent, absent, SeenBy.BOTH, id=number)


def test_every_gesture_has_its_words():
    assert [edit_words(edit, NameStyle()) for _, edit in every_edit()] == [words for words, _ in every_edit()]
    assert {edit.action for _, edit in every_edit()} == set(Action)
    _, drawn = next(every_edit())
    assert edit_words(drawn, NameStyle(japanese=True)) == "draw the box of 右中指PIP"


def test_the_words_of_a_gesture_are_translated(shouting):
    for words, edit in every_edit():
        assert edit_words(edit, NameStyle()) == words.upper()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Percentiles", "PERCENTILES"), ("Full range", "FULL RANGE"), ("manual", "MANUAL"), ("file", "FILE"),
     ("Window 2", "WINDOW 2"), ("bone", "bone"), ("VOI LUT 1 of Acme", "VOI LUT 1 of Acme")],
)  # fmt: skip
def test_names_of_looks_are_translated_but_for_those_of_the_file(shouting, name, shown):
    assert look_words(name) == shown


def test_the_source_of_a_spacing_is_translated(shouting):
    assert spacing_words("detector plane") == "DETECTOR PLANE"
    assert spacing_words("odd") == "odd"
