"""The joint sheet shows what the detectors propose, and never as if the reader had said it."""

from dataclasses import replace

import pytest
from panels_samples import LOOK, A, boxes, click, radiograph, reading, said
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import JOINTS, Side, joint_named
from annotator.domain.proposals import Flag, FlagKind, SeenBy
from annotator.ui.actions import Actions
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.proposal_words import sure, told
from annotator.ui.theme import DARK, LIGHT
from tests.proposal_samples import proposed

FILM = radiograph()
PLACES = boxes()
DOUBTED = (Flag(FlagKind.RESOLVED, "Three boxes lie on this joint; the template of the hand took this one."),)
LEFT_HAND = [joint for joint in JOINTS if joint.side is Side.LEFT]
WITHOUT_LEFT = {joint.name.replace("-", "_"): None for joint in LEFT_HAND}


def one(name, number=1, **facts):
    joint = joint_named(name)
    return proposed(joint, number, box=PLACES[joint], **facts)


def left(**changed):
    """A proposal for each joint of the left hand; L_PIP2=...: another one for it."""
    every = {joint: one(joint.name, n) for n, joint in enumerate(LEFT_HAND, 1)}
    return every | {joint_named(name.replace("_", "-")): proposal for name, proposal in changed.items()}


@pytest.fixture
def sheet(qtbot):
    made = JointSheet(Actions(), DARK)
    qtbot.addWidget(made)
    made.resize(460, 900)
    made.show()
    return made


def give(sheet, proposals=None, current="L-PIP2", chosen=None, rest=0, locked=False, of=None):
    shown = left() if proposals is None else proposals
    joint = joint_named(current) if current else None
    read = of or reading(**WITHOUT_LEFT)
    sheet.set_content(
        FILM, read, LOOK, joint, NameStyle(), False, locked=locked, proposals=shown, chosen=chosen, rest=rest
    )


def tile(sheet, name):
    return sheet.board.tiles[joint_named(name)]


LINES = [
    (one("L-PIP3"), "proposed .97", ".97"),
    (one("L-PIP3", ankylosis=True), "◆ proposed .97", "◆.97"),
    (one("L-PIP3", seen_by=SeenBy.FIRST, confidence=0.88), "▲? proposed .88", "▲?.88"),
    (one("L-PIP3", flags=DOUBTED, confidence=0.999), "proposed .99 !", ".99!"),
    (one("L-PIP3", ankylosis=True, subluxation=True), "◆ ▲ proposed .97", "◆▲.97"),
]


@pytest.mark.parametrize(("proposal", "long", "short"), LINES, ids=[long for _, long, _ in LINES])
def test_a_tile_tells_what_is_proposed_at_every_width(sheet, proposal, long, short):
    sheet.resize(2400, 1200)
    give(sheet, left(L_PIP3=proposal))
    shown = tile(sheet, "L-PIP3")
    assert shown.line == long
    assert shown.state.lines[-1] == short
    assert shown.accessibleName() == shown.toolTip() == told(proposal, NameStyle())
    sheet.resize(320, 640)
    assert shown.fontMetrics().horizontalAdvance(shown.line) * 0.82 <= shown.width()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_a_proposed_tile_has_a_dashed_border_in_a_colour_of_its_own_and_a_crop(sheet, theme):
    sheet.set_theme(theme)
    give(sheet)
    shown = tile(sheet, "L-PIP4")
    image = shown.grab().toImage()
    border = {image.pixelColor(x, 0).name() for x in range(8, shown.width() - 8)}
    assert QColor(theme.proposal).name() in border
    assert len(border) > 1
    middle = image.pixelColor(shown.width() // 2, shown.width() // 2).red()
    assert abs(middle - round(PLACES[joint_named("L-PIP4")].centre[0] / 2009 * 255)) <= 3
    assert shown._state.colour(theme) == theme.proposal


def test_a_joint_with_nothing_proposed_stays_missing(sheet):
    proposals = left()
    del proposals[joint_named("L-PIP4")]
    give(sheet, proposals)
    assert tile(sheet, "L-PIP4").line == "missing"
    assert tile(sheet, "R-PIP4").line == "✓ normal"


def test_the_header_counts_what_waits(sheet):
    give(sheet, of=reading(**WITHOUT_LEFT | {"R_PIP3": said("R-PIP3", A, confirmed=True)}))
    assert sheet.header.text == "Joints 10 of 20 read · 10 proposed · 1 finding"
    give(sheet, {})
    assert sheet.header.text == "Joints 10 of 20 read"


def test_the_detail_tells_both_findings_and_who_saw_the_box(sheet):
    give(sheet, left(L_PIP2=one("L-PIP2", subluxation=True)))
    assert sheet.detail.title == "L-PIP2 · index, left"
    assert sheet.detail.state_text == "proposed .97 · seen by both detectors"
    assert sheet.detail.note.isVisible()
    assert sheet.detail.note.lines == [
        "◆ ankylosis: present 0.02, absent 0.97, background 0.01",
        "▲ subluxation: present 0.97, absent 0.02, background 0.01",
    ]
    assert sheet.detail.picture._image is not None
    sheet.set_current(joint_named("R-PIP2"))
    assert not sheet.detail.note.isVisible()
    assert sheet.detail.state_text == "confirmed"
    assert sheet.detail.caps["probable"].isVisible()
    assert not sheet.detail.caps["delete_box"].isVisible()


def test_the_detail_says_what_was_not_assessed_and_what_is_doubted(sheet):
    give(sheet, left(L_PIP2=one("L-PIP2", seen_by=SeenBy.FIRST, flags=DOUBTED)))
    lines = sheet.detail.note.lines
    assert lines[1] == "▲ subluxation: not assessed"
    assert " ".join(lines[2:]) == f"! {DOUBTED[0].reason}"
    assert DOUBTED[0].reason in sheet.detail.picture.toolTip()
    sheet.resize(sheet.minimumSizeHint())
    assert sheet.detail.note.lines[-1] == "▲ subluxation: not assessed  ! …"
    assert DOUBTED[0].reason in sheet.detail.note.toolTip()


def test_caps_show_what_is_proposed_and_change_it(sheet, qtbot):
    give(sheet, left(L_PIP2=one("L-PIP2", subluxation=True)))
    caps = sheet.detail.caps
    assert caps["subluxation"].text() == "▲ subluxation .97"
    assert (caps["subluxation"]._colour, caps["ankylosis"]._colour) == (DARK.proposal, "")
    for name in ("ankylosis", "subluxation", "dislocation", "normal", "not_assessable", "delete_box"):
        assert caps[name].isVisible()
        with qtbot.waitSignal(sheet.action_asked) as asked:
            click(caps[name])
        assert asked.args == [name]
    sheet.set_current(joint_named("L-PIP3"))
    assert caps["normal"]._colour == DARK.proposal
    sheet.set_current(joint_named("L-IP1"))
    assert not caps["subluxation"].isVisible()
    give(sheet, locked=True)
    assert not any(cap.isEnabled() for cap in caps.values() if cap.isVisible())


def test_a_proposal_without_a_joint_is_shown_and_wants_a_name(sheet, qtbot):
    why = (Flag(FlagKind.UNNAMED, "No joint is left whose place fits."),)
    lost = one("L-PIP2", 77, named=False, flags=why)
    give(sheet, current=None, chosen=lost)
    detail = sheet.detail
    assert detail.title == "Proposal without a joint"
    assert detail.state_text == "proposed .97 · seen by both detectors"
    assert detail.note.lines[-1] == "! No joint is left whose place fits."
    assert detail.picture._image is not None
    assert not detail.caps["ankylosis"].isEnabled()
    accept = sheet.buttons.buttons["confirm"]
    assert accept.text().startswith("Accept, next")
    assert not accept.isEnabled()
    for name in ("rename", "delete_box"):
        with qtbot.waitSignal(sheet.action_asked) as asked:
            click(detail.caps[name])
        assert asked.args == [name]
    sheet.set_current(joint_named("L-PIP3"))
    assert detail.title.startswith("L-PIP3")
    sheet.set_current(None, lost)
    assert detail.title == "Proposal without a joint"


def test_buttons_accept_where_there_is_a_proposal(sheet, qtbot):
    sheet.resize(700, 900)
    give(sheet, rest=17)
    assert [button.text() for button in sheet.buttons.buttons.values()] == [
        "Accept, next  ⏎", "Accept the rest (17)  ⇧A", "Sign  Ctrl+⏎",
    ]  # fmt: skip
    for name in ("confirm", "accept_rest"):
        with qtbot.waitSignal(sheet.action_asked) as asked:
            click(sheet.buttons.buttons[name])
        assert asked.args == [name]
    sheet.set_current(joint_named("R-PIP2"))
    assert sheet.buttons.buttons["confirm"].text() == "Confirm, next  ⏎"
    give(sheet, {}, rest=0)
    assert list(sheet.buttons.buttons) == ["confirm", "rest_normal", "sign"]
    give(sheet, rest=17, locked=True)
    assert not any(button.isEnabled() for button in sheet.buttons.buttons.values())


@pytest.mark.parametrize("size", [(320, 600), (400, 800), (460, 1300), (900, 700), (1900, 1000)])
@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_cut_off_and_the_picture_stays_large(sheet, size, named):
    sheet.resize(QSize(*size).expandedTo(sheet.minimumSizeHint()))
    doubted = one("L-PIP2", 77, flags=(*DOUBTED, *DOUBTED), ankylosis=True, named=named)
    give(sheet, left(L_PIP2=doubted) if named else None, "L-PIP2" if named else None, doubted, rest=17)
    parts = [sheet.header, sheet.board, sheet.detail, sheet.buttons]
    detail = sheet.detail
    inner = [detail.picture, detail.note, *(cap for cap in detail.caps.values() if cap.isVisible())]
    for shown, ground in ((parts, sheet), (inner, detail)):
        for number, child in enumerate(shown):
            assert ground.rect().contains(child.geometry()), child
            assert not any(child.geometry().intersects(other.geometry()) for other in shown[number + 1 :])
    assert detail.picture.height() >= (100 if size[1] < 800 else 150)
    assert sheet.buttons._three[-1].geometry().right() <= sheet.buttons.width()


def test_a_theme_reaches_the_detail_of_a_proposal(sheet):
    give(sheet, left(L_PIP2=one("L-PIP2", ankylosis=True)))
    sheet.set_theme(LIGHT)
    assert sheet.detail.note.theme is LIGHT
    assert sheet.detail.caps["ankylosis"]._colour == LIGHT.proposal


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.29, ".29"), (0.57, ".57"), (0.999, ".99"), (0.9999999999, ".99"), (1.0, "1")]
)
def test_confidence_is_told_in_two_digits_and_never_as_certainty(confidence, text):
    assert sure(confidence) == text
    assert told(replace(one("L-PIP2"), confidence=confidence), NameStyle())


@pytest.mark.parametrize("width", [330, 360, 460])
def test_the_words_of_a_thumb_s_keys_are_not_cut(sheet, width):
    """Its three keys stand in the first column, the way to reject alone in the second."""
    sheet.resize(width, 900)
    give(sheet, current="L-IP1")
    shown = [cap for cap in sheet.detail.caps.values() if cap.isVisible() and cap.name != "comment"]
    assert {cap.name for cap in shown} == {"ankylosis", "normal", "not_assessable", "delete_box"}
    assert [cap.name for cap in shown if cap.width() < cap.sizeHint().width()] == []
