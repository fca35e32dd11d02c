"""The joint sheet says of each joint what was said of it, in the order in which it is seen."""

from dataclasses import replace
from itertools import pairwise

import pytest
from panels_samples import LOOK, A, D, S, boxes, click, radiograph, reading, said
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Hands, Row, Side, joint_named
from annotator.imaging.display import Look, Window
from annotator.ui.actions import Actions
from annotator.ui.joint_crops import Crops, span_of
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.joint_words import digits_seen, in_words, sides_seen, state_lines
from annotator.ui.theme import DARK, LIGHT

FILM = radiograph()
MP2 = joint_named("L-MP2")


@pytest.fixture
def sheet(qtbot):
    made = JointSheet(Actions(), DARK)
    qtbot.addWidget(made)
    made.resize(400, 900)
    made.show()
    return made


def give(sheet, of=None, current=MP2, style=NameStyle(), mirrored=False, look=LOOK, film=FILM, locked=False):  # noqa: B008
    sheet.set_content(film, of or reading(), look, current, style, mirrored, locked=locked)


def names(sheet, style=NameStyle()):  # noqa: B008
    return [" ".join(map(style.full, row)) for row in sheet.board.order]


def tile(sheet, name):
    return sheet.board.tiles[joint_named(name)]


EVERY_STATE = [
    (said("R-PIP3", confirmed=True), "✓ normal", "normal"),
    (said("R-PIP3"), "– not yet read", "not yet read"),
    (said("R-PIP3", A, confirmed=True), "◆ ankylosis", "ankylosis"),
    (said("R-PIP3", A, probable=True, confirmed=True), "◆ ankylosis?", "ankylosis (probable)"),
    (said("R-PIP3", S, confirmed=True), "▲ subluxation", "subluxation"),
    (said("R-PIP3", D), "■ dislocation", "dislocation, not confirmed yet"),
    (said("R-PIP3", A, S, confirmed=True), "◆ ankylosis ▲ subluxation", "ankylosis, subluxation"),
    (said("R-PIP3", reason=NotAssessable.IMPLANT, boxed=False), "✕ implant", "not assessable: implant"),
    (said("R-PIP3", reason=NotAssessable.NOT_VISIBLE), "✕ not visible", "not assessable: not visible"),
    (JointAnnotation(joint_named("R-PIP3")), "missing", "no box yet"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("annotation", "line", "words"), EVERY_STATE, ids=[line for _, line, _ in EVERY_STATE]
)
def test_a_tile_tells_every_state_by_sign_and_word(sheet, annotation, line, words):
    sheet.resize(3200, 1200)
    give(sheet, reading(R_PIP3=annotation))
    shown = tile(sheet, "R-PIP3")
    assert shown.line == line
    assert in_words(annotation) == words
    assert shown.accessibleName() == f"R-PIP3: {words}"


def test_a_narrow_tile_takes_a_shorter_wording_that_fits(sheet):
    both = said("R-PIP3", A, S, probable=True)
    assert state_lines(both) == ("◆ ankylosis? ▲ subluxation?", "◆ ankyl.? ▲ sublux.?", "◆ A? ▲ S?", "◆A?▲S?")
    for width in (340, 420, 700):
        sheet.resize(width, 900)
        give(sheet, reading(R_PIP3=both))
        shown = tile(sheet, "R-PIP3")
        assert shown.fontMetrics().horizontalAdvance(shown.line) * 0.82 <= shown.width()


def test_hands_stand_in_the_order_in_which_they_are_seen(sheet):
    give(sheet)
    assert names(sheet) == [
        "R-PIP5 R-PIP4 R-PIP3 R-PIP2 R-IP1", "R-MP5 R-MP4 R-MP3 R-MP2 R-MP1",
        "L-IP1 L-PIP2 L-PIP3 L-PIP4 L-PIP5", "L-MP1 L-MP2 L-MP3 L-MP4 L-MP5",
    ]  # fmt: skip
    give(sheet, mirrored=True)
    assert names(sheet)[0] == "L-PIP5 L-PIP4 L-PIP3 L-PIP2 L-IP1"
    assert names(sheet)[3] == "R-MP1 R-MP2 R-MP3 R-MP4 R-MP5"


def test_swapped_sides_change_the_names_but_not_the_places(sheet):
    give(sheet, reading(ImageFacts(right_on_left=False)))
    assert names(sheet)[0] == "L-PIP5 L-PIP4 L-PIP3 L-PIP2 L-IP1"
    assert names(sheet)[2] == "R-IP1 R-PIP2 R-PIP3 R-PIP4 R-PIP5"
    give(sheet, reading(ImageFacts(right_on_left=False)), mirrored=True)
    assert names(sheet)[0] == "R-PIP5 R-PIP4 R-PIP3 R-PIP2 R-IP1"


def test_the_tiles_lie_on_the_screen_in_that_order(sheet):
    for mirrored in (False, True):
        give(sheet, mirrored=mirrored)
        for row in sheet.board.order:
            tiles = [sheet.board.tiles[joint] for joint in row]
            lefts = [shown.geometry().left() for shown in tiles]
            assert lefts == sorted(lefts)
            assert len({shown.geometry().top() for shown in tiles}) == 1
            assert all(a.geometry().right() < b.geometry().left() for a, b in pairwise(tiles))


def test_both_hands_have_their_thumbs_in_the_middle_whatever_the_sides():
    for right_on_left in (True, False):
        facts = ImageFacts(right_on_left=right_on_left)
        for mirrored in (True, False):
            first, second = sides_seen(facts, mirrored)
            assert digits_seen(first, facts, boxes(right_on_left), mirrored) == (5, 4, 3, 2, 1)
            assert digits_seen(second, facts, boxes(right_on_left), mirrored) == (1, 2, 3, 4, 5)


def test_one_hand_is_ordered_by_where_its_boxes_lie():
    facts = ImageFacts(hands=Hands.LEFT)
    placed = boxes()
    assert digits_seen(Side.LEFT, facts, placed, False) == (1, 2, 3, 4, 5)
    turned = {joint: box.mirrored(2010) for joint, box in placed.items()}
    assert digits_seen(Side.LEFT, facts, turned, False) == (5, 4, 3, 2, 1)
    assert digits_seen(Side.LEFT, facts, turned, True) == (1, 2, 3, 4, 5)
    assert sides_seen(facts, mirrored=True) == (Side.LEFT,)


def test_one_hand_shows_ten_tiles(sheet):
    give(sheet, reading(ImageFacts(hands=Hands.LEFT)))
    visible = [shown.joint for shown in sheet.board.tiles.values() if shown.isVisible()]
    assert len(visible) == 10
    assert {joint.side for joint in visible} == {Side.LEFT}
    assert sheet.header.text == "Joints 10 of 10 read"
    assert sheet.header.side_text == "left hand only"


def test_the_header_counts_what_is_read_and_found(sheet):
    give(sheet, reading(R_PIP3=said("R-PIP3", A, S, confirmed=True), L_MP2=said("L-MP2", S), L_MP5=None))
    assert sheet.header.text == "Joints 18 of 20 read · 2 findings"
    give(sheet, replace(reading(R_PIP3=said("R-PIP3", A, confirmed=True)), signed=True))
    assert sheet.header.text == "Joints 20 of 20 read · 1 finding · ▣ signed"
    give(sheet, reading(ImageFacts(excluded="wrong patient")))
    assert sheet.header.text == "Joints Excluded: wrong patient"
    assert not any(shown.isVisible() for shown in sheet.board.tiles.values())


def test_sides_that_are_assumed_ask_to_be_confirmed(sheet, qtbot):
    give(sheet)
    swap, confirm = sheet.header.caps["swap_sides"], sheet.header.caps["confirm_sides"]
    assert sheet.header.side_text == "R on the left (assumed)"
    assert (swap.cap, confirm.cap) == ("Y", "⇧Y")
    with qtbot.waitSignal(sheet.action_asked) as asked:
        click(confirm)
    assert asked.args == ["confirm_sides"]
    give(sheet, reading(ImageFacts(side_confirmed=True)), mirrored=True)
    assert sheet.header.side_text == "R on the right"
    assert not confirm.isVisible()
    assert swap.isVisible()


def test_a_click_on_a_tile_picks_its_joint_and_takes_the_focus(sheet, qtbot):
    give(sheet)
    with qtbot.waitSignal(sheet.joint_picked) as picked:
        click(tile(sheet, "R-MP4"))
    assert picked.args == [joint_named("R-MP4")]
    assert sheet.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert not sheet.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_the_current_joint_is_named_in_words_in_the_readers_style(sheet):
    give(sheet)
    assert sheet.detail.title == "L-MP2 · index, left"
    give(sheet, style=NameStyle(mcp=True, roman=True))
    assert sheet.detail.title == "L-MCP II · index, left"
    assert tile(sheet, "L-MP2").state.name == "MCP II"
    give(sheet, style=NameStyle(japanese=True))
    assert sheet.detail.title.startswith("左示指MP")


def test_key_caps_show_the_readers_keys_and_what_is_present(sheet, qtbot):
    give(sheet, reading(L_MP2=said("L-MP2", S, probable=True)))
    caps = sheet.detail.caps
    assert [(caps[n].cap, caps[n].text()) for n in ("ankylosis", "subluxation", "dislocation", "normal")] == [
        ("A", "◆ ankylosis"), ("S", "▲ subluxation?"), ("D", "■ dislocation"), ("N", "✓ normal"),
    ]  # fmt: skip
    sheet.detail._actions.set_keys({"subluxation": "Q"})
    assert caps["subluxation"].cap == "Q"
    for name in ("subluxation", "not_assessable", "probable", "comment"):
        with qtbot.waitSignal(sheet.action_asked) as asked:
            click(caps[name])
        assert asked.args == [name]


def test_the_thumb_ip_offers_no_displacement_and_a_missing_joint_a_box(sheet):
    give(sheet, reading(L_MP2=None), current=joint_named("L-IP1"))
    caps = sheet.detail.caps
    assert caps["ankylosis"].isVisible()
    assert not caps["subluxation"].isVisible()
    assert not caps["dislocation"].isVisible()
    sheet.set_current(MP2)
    assert sheet.detail.state_text == "no box yet"
    assert caps["place_box"].isVisible()
    assert not caps["ankylosis"].isEnabled()
    assert caps["not_assessable"].isEnabled()
    assert tile(sheet, "L-MP2").line == "missing"


def test_buttons_are_enabled_by_what_can_be_done(sheet, qtbot):
    buttons = sheet.buttons.buttons

    def usable():
        return [name for name, button in buttons.items() if button.isEnabled()]

    give(sheet, reading(R_PIP3=said("R-PIP3"), L_MP2=None))
    assert usable() == ["rest_normal"]
    sheet.set_current(joint_named("R-PIP3"))
    assert usable() == ["confirm", "rest_normal"]
    give(sheet)
    assert usable() == ["confirm", "sign"]
    with qtbot.waitSignal(sheet.action_asked) as asked:
        click(buttons["sign"])
    assert asked.args == ["sign"]
    give(sheet, replace(reading(), signed=True))
    assert usable() == []
    assert not sheet.detail.caps["ankylosis"].isEnabled()
    give(sheet, locked=True)
    assert usable() == []


def test_buttons_leave_their_keys_out_where_there_is_no_room(sheet):
    sheet.resize(700, 900)
    give(sheet)
    assert [b.text() for b in sheet.buttons.buttons.values()] == [
        "Confirm, next  ⏎", "Rest is normal  ⇧⏎", "Sign  Ctrl+⏎",
    ]  # fmt: skip
    sheet.resize(320, 900)
    assert sheet.buttons.buttons["sign"].text() == "Sign"
    rights = [button.geometry().right() for button in sheet.buttons.buttons.values()]
    assert rights[-1] <= sheet.buttons.width()


@pytest.mark.parametrize("size", [(320, 600), (340, 640), (460, 980), (460, 2080), (900, 700), (1900, 1000)])
def test_nothing_is_cut_off_and_nothing_overlaps(sheet, size):
    sheet.resize(QSize(*size).expandedTo(sheet.minimumSizeHint()))
    give(sheet, reading(L_MP2=said("L-MP2", A, S, comment="something")))
    parts = [sheet.header, sheet.board, sheet.detail, sheet.buttons]
    for part in parts:
        assert sheet.rect().contains(part.geometry()), part
    for number, part in enumerate(parts):
        for other in parts[number + 1 :]:
            assert not part.geometry().intersects(other.geometry())
    for child in sheet.board.tiles.values():
        assert sheet.board.rect().contains(child.geometry())
    detail = sheet.detail
    shown = [detail.picture, *(cap for cap in detail.caps.values() if cap.isVisible())]
    for number, child in enumerate(shown):
        assert detail.rect().contains(child.geometry()), child
        assert not any(child.geometry().intersects(other.geometry()) for other in shown[number + 1 :])


def test_a_wide_sheet_gives_the_room_to_the_tiles(sheet):
    sheet.resize(330, 700)
    give(sheet)
    small = sheet.board.tile_side
    sheet.resize(1900, 1000)
    assert sheet.board.tile_side > 2 * small


def test_all_crops_show_the_same_span_in_the_window_that_is_chosen():
    values = boxes()
    span = span_of(values.values())
    assert all(span >= box.width for box in values.values())
    crops = Crops(FILM)
    crops.set_look(LOOK)
    box = values[joint_named("R-PIP3")]
    image = crops.image(box, span, 60, False)
    expected = round(box.centre[0] / 2009 * 255)
    assert abs(image.pixelColor(30, 30).red() - expected) <= 2
    left, right = image.pixelColor(0, 30).red(), image.pixelColor(59, 30).red()
    assert abs((right - left) - span * 59 / 60 / 2009 * 255) <= 2
    turned = crops.image(box, span, 60, True)
    assert (turned.pixelColor(0, 30).red(), turned.pixelColor(59, 30).red()) == (right, left)
    crops.set_look(Look(Window(512.0, 1024.0), inverted=True))
    assert abs(crops.image(box, span, 60, False).pixelColor(30, 30).red() - (255 - expected)) <= 2


def test_a_crop_at_the_edge_of_the_image_goes_on_with_the_border():
    crops = Crops(FILM)
    crops.set_look(LOOK)
    image = crops.image(Box(-40.0, -40.0, 40.0, 40.0), 100.0, 50, False)
    assert image.pixelColor(0, 0).red() == 0
    assert image.pixelColor(49, 49).red() in range(4, 9)
    outside = crops.image(Box(2400.0, 1900.0, 2500.0, 2000.0), 100.0, 50, False)
    assert outside.pixelColor(25, 25).red() == 255


def test_one_huge_box_does_not_make_the_other_crops_small():
    usual = [Box(0, 0, 100, 100)] * 9
    assert span_of(usual) == pytest.approx(112.0)
    assert span_of([*usual, Box(0, 0, 150, 100)]) == pytest.approx(150.0)
    assert span_of([*usual, Box(0, 0, 900, 100)]) == pytest.approx(200.0)
    assert span_of([]) == 1.0


def test_a_dragged_window_reaches_the_crops(sheet, qtbot):
    give(sheet)
    sheet.resize(402, 900)
    place = tile(sheet, "R-MP3")

    def middle():
        return place.grab().toImage().pixelColor(place.width() // 2, place.width() // 2).red()

    before = middle()
    for centre in range(500, 100, -50):
        sheet.set_look(Look(Window(float(centre), 200.0)))
    qtbot.waitUntil(lambda: middle() > before + 40)


def test_a_comment_is_written_in_the_sheet_and_handed_over(sheet, qtbot):
    give(sheet, reading(L_MP2=said("L-MP2", comment="old")))
    assert sheet.detail.caps["comment"].text() == "old"
    sheet.edit_comment()
    field = sheet.detail.comment
    assert field.text() == "old"
    field.clear()
    QTest.keyClicks(field, " volar, see visit 1 ")
    with qtbot.waitSignal(sheet.comment_changed) as changed:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert changed.args == [MP2, "volar, see visit 1"]
    assert field.isHidden()


def test_escape_leaves_the_comment_as_it_was(sheet, qtbot):
    give(sheet, reading(L_MP2=said("L-MP2", comment="old")))
    sheet.edit_comment()
    QTest.keyClicks(sheet.detail.comment, "new")
    with qtbot.assertNotEmitted(sheet.comment_changed):
        QTest.keyClick(sheet.detail.comment, Qt.Key.Key_Escape)
    assert sheet.detail.comment.isHidden()


def test_a_comment_that_was_being_written_is_kept_when_another_joint_is_picked(sheet, qtbot):
    give(sheet)
    sheet.edit_comment()
    QTest.keyClicks(sheet.detail.comment, "half a word")
    with qtbot.waitSignal(sheet.comment_changed) as changed:
        sheet.set_current(joint_named("R-MP4"))
    assert changed.args == [MP2, "half a word"]


def test_a_comment_never_goes_to_another_image(sheet, qtbot):
    give(sheet)
    sheet.edit_comment()
    QTest.keyClicks(sheet.detail.comment, "about the first")
    with qtbot.assertNotEmitted(sheet.comment_changed):
        give(sheet, replace(reading(), image_id=2))
        sheet.set_current(joint_named("R-MP4"))
    assert sheet.detail.comment.isHidden()


def test_an_empty_sheet_says_what_to_do(sheet):
    sheet.set_content(None, None, LOOK, None, NameStyle(), False)
    assert not sheet.board.isVisible()
    assert not sheet.buttons.isVisible()
    assert sheet._empty.isVisible()
    assert "worklist" in sheet._empty.text()
    give(sheet, Reading(1, 1), current=None)
    assert all(sheet.board.tiles[j].line in ("missing", "–") for j in Reading(1, 1).expected)
    assert sheet.detail.title == ""


def test_rows_are_pip_above_mp(sheet):
    give(sheet)
    assert [row[0].row for row in sheet.board.order] == [Row.PIP, Row.MP, Row.PIP, Row.MP]


def test_a_theme_reaches_every_painted_part(sheet):
    give(sheet, reading(L_MP5=None))
    sheet.set_theme(LIGHT)
    assert {shown.theme for shown in sheet.board.tiles.values()} == {LIGHT}
    assert {cap.theme for cap in (*sheet.detail.caps.values(), *sheet.header.caps.values())} == {LIGHT}


def test_the_focus_of_the_sheet_is_seen(sheet, qtbot):
    give(sheet)
    sheet.activateWindow()
    qtbot.waitUntil(sheet.isActiveWindow)
    sheet.setFocus()
    assert sheet.grab().toImage().pixelColor(0, 100).name() == DARK.accent
    sheet.clearFocus()
    assert sheet.grab().toImage().pixelColor(0, 100).name() != DARK.accent
