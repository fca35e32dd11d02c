"""What a reader can do to a reading, as data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain import gestures
from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading, ReadingState
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands, Joint, joint_named

R_PIP3, L_PIP3, R_IP1, R_MP2 = (joint_named(name) for name in ("R-PIP3", "L-PIP3", "R-IP1", "R-MP2"))
BOX = Box(100.25, 200.5, 160.0, 260.0)


def boxed(*joints: Joint) -> Reading:
    reading = Reading(1, 1)
    for place, joint in enumerate(joints):
        reading = gestures.draw(reading, joint, BOX.moved(10 * place, 0)).apply(reading)
    return reading


def test_a_drawn_box_starts_the_reading_and_keeps_what_was_said_without_it() -> None:
    empty = Reading(1, 1)
    said = gestures.comment_joint(empty, R_PIP3, " cyst ").apply(empty)
    reading = gestures.draw(said, R_PIP3, BOX).apply(said)
    assert (empty.state, reading.state) == (ReadingState.NEW, ReadingState.IN_PROGRESS)
    assert reading.of(R_PIP3) == JointAnnotation(R_PIP3, box=BOX, comment="cyst")
    with pytest.raises(KnuckleError, match="R-PIP3 has a box already"):
        gestures.draw(reading, R_PIP3, BOX)


def test_subluxation_and_dislocation_exclude_each_other_and_ankylosis_stands_beside_them() -> None:
    reading = boxed(R_PIP3)
    for finding in (Finding.ANKYLOSIS, Finding.SUBLUXATION, Finding.DISLOCATION):
        reading = gestures.toggle_finding(reading, R_PIP3, finding).apply(reading)
    assert reading.findings == {Finding.ANKYLOSIS, Finding.DISLOCATION}
    assert reading.of(R_PIP3).confirmed


def test_a_finding_taken_back_leaves_the_joint_to_be_read() -> None:
    reading = boxed(R_PIP3)
    for _ in range(2):
        reading = gestures.toggle_finding(reading, R_PIP3, Finding.ANKYLOSIS).apply(reading)
    assert reading.of(R_PIP3).untouched


@pytest.mark.parametrize("finding", [Finding.SUBLUXATION, Finding.DISLOCATION])
def test_displacement_is_not_judged_on_the_thumb_ip(finding: Finding) -> None:
    with pytest.raises(KnuckleError, match="not judged on R-IP1"):
        gestures.toggle_finding(boxed(R_IP1), R_IP1, finding)


def test_certainty_goes_through_every_combination_and_comes_back() -> None:
    reading = boxed(R_PIP3)
    for finding in (Finding.ANKYLOSIS, Finding.SUBLUXATION):
        reading = gestures.toggle_finding(reading, R_PIP3, finding).apply(reading)
    start, seen = reading, set()
    for _ in range(4):
        seen.add(reading.of(R_PIP3).marks)
        reading = gestures.next_certainty(reading, R_PIP3).apply(reading)
    assert len(seen) == 4
    assert reading == start
    assert start.of(R_PIP3).certainty(Finding.ANKYLOSIS) is Certainty.CERTAIN


def test_not_assessable_clears_findings_and_needs_no_box() -> None:
    reading = boxed(R_PIP3)
    reading = gestures.toggle_finding(reading, R_PIP3, Finding.ANKYLOSIS).apply(reading)
    for joint in (R_PIP3, R_MP2):
        reading = gestures.set_not_assessable(reading, joint, NotAssessable.IMPLANT).apply(reading)
        assert reading.of(joint).done
        assert not reading.of(joint).marks
    assert reading.of(R_PIP3).box == BOX
    assert R_MP2 not in reading.missing


def test_the_rest_is_normal_leaves_what_somebody_said_something_about() -> None:
    reading = boxed(R_PIP3, R_MP2, L_PIP3)
    reading = gestures.toggle_finding(reading, R_PIP3, Finding.ANKYLOSIS).apply(reading)
    reading = gestures.set_not_assessable(reading, L_PIP3, NotAssessable.OVERLAP).apply(reading)
    edit = gestures.rest_normal(reading)
    after = edit.apply(reading)
    assert [change.joint for change in edit.joints] == [R_MP2]
    assert after.of(R_MP2).normal
    assert edit.inverse.apply(after).annotations == reading.annotations
    with pytest.raises(KnuckleError, match="No boxed joint"):
        gestures.rest_normal(after)


def test_renaming_onto_an_annotated_joint_exchanges_the_two() -> None:
    reading = boxed(R_PIP3, R_MP2)
    after = gestures.rename(reading, R_PIP3, R_MP2).apply(reading)
    assert after.boxes == {R_MP2: BOX, R_PIP3: BOX.moved(10, 0)}


def test_renaming_onto_a_free_joint_leaves_the_old_name_free() -> None:
    reading = boxed(R_PIP3)
    assert gestures.rename(reading, R_PIP3, L_PIP3).apply(reading).boxes == {L_PIP3: BOX}


def test_a_subluxed_joint_cannot_become_a_thumb_ip() -> None:
    reading = boxed(R_PIP3)
    reading = gestures.toggle_finding(reading, R_PIP3, Finding.SUBLUXATION).apply(reading)
    with pytest.raises(KnuckleError, match="not judged on R-IP1"):
        gestures.rename(reading, R_PIP3, R_IP1)


def test_swapping_sides_renames_everything_in_one_step_and_back() -> None:
    reading = boxed(R_PIP3, L_PIP3, R_MP2)
    edit = gestures.swap_sides(reading)
    after = edit.apply(reading)
    assert after.boxes == {joint.mirrored: box for joint, box in reading.boxes.items()}
    assert (after.facts.right_on_left, after.facts.side_confirmed) == (False, True)
    back = edit.inverse.apply(after)
    assert (back.boxes, back.facts) == (reading.boxes, reading.facts)


def test_a_one_hand_film_expects_ten_joints_and_takes_the_names_with_it() -> None:
    reading = boxed(L_PIP3)
    after = gestures.set_hands(reading, Hands.RIGHT).apply(reading)
    assert (len(after.expected), list(after.boxes)) == (10, [R_PIP3])
    with pytest.raises(KnuckleError, match="both hands"):
        gestures.set_hands(boxed(L_PIP3, R_PIP3), Hands.RIGHT)


def test_an_excluded_image_is_complete_and_takes_no_boxes() -> None:
    reading = Reading(1, 1)
    out = gestures.exclude(reading, "motion").apply(reading)
    assert out.state is ReadingState.COMPLETE
    with pytest.raises(KnuckleError, match="excluded"):
        gestures.draw(out, R_PIP3, BOX)
    assert gestures.exclude(out, "").apply(out).expected


def test_complete_by_itself_when_every_joint_is_confirmed_or_not_assessable() -> None:
    reading = boxed(*JOINTS[:-1])
    reading = gestures.rest_normal(reading).apply(reading)
    assert (reading.state, reading.done, reading.missing) == (ReadingState.IN_PROGRESS, 19, JOINTS[-1:])
    reading = gestures.set_not_assessable(reading, JOINTS[-1], NotAssessable.CROPPED).apply(reading)
    assert reading.state is ReadingState.COMPLETE


def test_deleting_a_box_keeps_a_comment_and_nothing_else() -> None:
    reading = boxed(R_PIP3, R_MP2)
    reading = gestures.comment_joint(reading, R_PIP3, "old fracture").apply(reading)
    for joint in (R_PIP3, R_MP2):
        reading = gestures.delete(reading, joint).apply(reading)
    assert dict(reading.annotations) == {R_PIP3: JointAnnotation(R_PIP3, comment="old fracture")}


def test_an_edit_refuses_a_reading_it_was_not_made_for() -> None:
    reading = boxed(R_PIP3)
    edit = gestures.set_box(reading, R_PIP3, BOX.moved(3, 3), Action.MOVE)
    with pytest.raises(ValueError, match="not as the edit found it"):
        edit.apply(edit.apply(reading))
    with pytest.raises(ValueError, match="facts"):
        gestures.exclude(reading, "x").apply(replace(reading, facts=ImageFacts(hands=Hands.LEFT)))


GESTURES = st.sampled_from(
    [
        lambda r, j: gestures.draw(r, j, BOX),
        lambda r, j: gestures.set_box(r, j, BOX.moved(1.5, -2.25), Action.MOVE),
        gestures.delete,
        lambda r, j: gestures.rename(r, j, j.mirrored),
        lambda r, j: gestures.toggle_finding(r, j, Finding.ANKYLOSIS),
        lambda r, j: gestures.toggle_finding(r, j, Finding.SUBLUXATION),
        gestures.next_certainty,
        gestures.set_normal,
        lambda r, j: gestures.set_not_assessable(r, j, NotAssessable.OVERLAP),
        lambda r, j: gestures.set_not_assessable(r, j, None),
        gestures.confirm,
        lambda r, _: gestures.rest_normal(r),
        lambda r, _: gestures.swap_sides(r),
        lambda r, _: gestures.set_hands(r, Hands.RIGHT),
        lambda r, _: gestures.set_hands(r, Hands.BOTH),
        lambda r, j: gestures.comment_joint(r, j, "seen twice"),
        lambda r, _: gestures.exclude(r, "blurred"),
        lambda r, _: gestures.exclude(r, ""),
    ]
)


@given(st.lists(st.tuples(GESTURES, st.sampled_from(JOINTS[:7])), max_size=30))
def test_every_gesture_can_be_undone_to_the_start_and_redone_to_the_end(steps: list) -> None:  # type: ignore[type-arg]
    reading, history = Reading(1, 1), History()
    states: list[Reading] = [reading]
    for gesture, joint in steps:
        try:
            edit: Edit = gesture(reading, joint)
        except KnuckleError:
            continue
        reading, history = edit.apply(reading), history.record(edit)
        states.append(reading)
    for expected in reversed(states[:-1]):
        assert history.next_undo is not None
        reading, history = history.next_undo.inverse.apply(reading), history.undo()
        assert (reading.annotations, reading.facts) == (expected.annotations, expected.facts)
    for expected in states[1:]:
        assert history.next_redo is not None
        reading, history = history.next_redo.apply(reading), history.redo()
        assert (reading.annotations, reading.facts) == (expected.annotations, expected.facts)
