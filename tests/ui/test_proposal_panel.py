"""The panel of proposals: what waits, from which confidence on, and where reader and model differ."""

from dataclasses import replace

import pytest
from panels_samples import A, S, click, said
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from annotator.domain.differences import Difference, DifferenceKind
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.proposals import Flag, FlagKind, SeenBy
from annotator.ui.actions import Actions
from annotator.ui.proposal_panel import PanelState, ProposalPanel
from annotator.ui.proposal_words import told
from annotator.ui.theme import DARK, LIGHT
from tests.proposal_samples import proposed

WHY = (Flag(FlagKind.DUPLICATE, "Two boxes want this name."),)
EVERY = tuple(proposed(joint, number) for number, joint in enumerate(JOINTS, 1))
MISSING = ((joint_named("L-PIP2"), "No box was seen where the template expects it."),)
STATE = PanelState(
    status="demo-1 · whole radiograph · 20 proposed, 17 wait",
    detail="threshold 0.38 · IoU 0.15 / 0.45 · onnxruntime 1.24 cpu f32",
    proposals=EVERY[:10],
    missing=MISSING,
    current=3,
    below=3,
    rest=17,
    lowest=0.385,
    threshold=0.45,
    can_run=True,
    can_decide=True,
)


@pytest.fixture
def panel(qtbot):
    made = ProposalPanel(Actions(), DARK)
    qtbot.addWidget(made)
    made.resize(290, 480)
    made.show()
    made.show_state(STATE, NameStyle())
    return made


def lines(panel):
    return [row.line for row in panel.list.rows]


def row_at(panel, number):
    return panel.list.visualRect(panel.list.model().index(number, 0)).center()


def pick(panel, number):
    click(panel.list.viewport(), row_at(panel, number))


def test_every_line_tells_joint_finding_confidence_and_who_saw_it(panel):
    joint = joint_named("R-PIP3")
    shown = [
        proposed(joint, 1),
        proposed(joint, 2, ankylosis=True, subluxation=True, confidence=0.999, flags=WHY),
        proposed(joint, 3, seen_by=SeenBy.FIRST, confidence=0.88),
        proposed(joint, 4, seen_by=SeenBy.SECOND, subluxation=True, named=False),
    ]
    panel.show_state(replace(STATE, proposals=tuple(shown)), NameStyle())
    assert lines(panel) == [
        "R-PIP3 ✓ .970 both",
        "R-PIP3 ◆ ▲ .999 both !",
        "R-PIP3 ▲? .880 ◆ alone",
        "no joint ▲ ◆? .970 ▲ alone",
        "– L-PIP2 missing",
    ]
    model = panel.list.model()
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        assert model.data(model.index(1, 0), role) == told(shown[1], NameStyle())
        assert MISSING[0][1] in model.data(model.index(4, 0), role)
    panel.show_state(STATE, NameStyle(japanese=True))
    assert panel.list.rows[2].name == "右中指PIP"


def test_the_current_proposal_is_chosen_without_asking_anybody(panel, qtbot):
    with qtbot.assertNotEmitted(panel.proposal_picked), qtbot.assertNotEmitted(panel.joint_picked):
        assert panel.list.row.proposal_id == 3
        panel.show_state(replace(STATE, current=5), NameStyle())
        assert panel.list.row.proposal_id == 5
        panel.show_state(replace(STATE, proposals=EVERY[1:], current=5), NameStyle())
        assert panel.list.row.proposal_id == 5
        panel.show_state(replace(STATE, current=None), NameStyle())
        assert panel.list.row is None
        panel.show_state(replace(STATE, proposals=EVERY, current=20), NameStyle())
    assert panel.list.viewport().rect().contains(row_at(panel, 19))


def test_pointer_and_arrows_pick(panel, qtbot):
    with qtbot.waitSignal(panel.proposal_picked) as picked:
        pick(panel, 5)
    assert picked.args == [6]
    with qtbot.waitSignal(panel.proposal_picked) as picked:
        QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert picked.args == [7]
    panel.show_state(replace(STATE, current=10), NameStyle())
    with qtbot.waitSignal(panel.joint_picked) as picked:
        QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert picked.args == [joint_named("L-PIP2")]
    panel.show_state(replace(STATE, current=None), NameStyle())
    assert panel.list.row.joint == joint_named("L-PIP2")


def test_a_panel_that_is_shown_anew_while_a_line_is_picked_follows(panel, qtbot):
    panel.proposal_picked.connect(
        lambda number: panel.show_state(replace(STATE, proposals=EVERY[5:], current=number), NameStyle())
    )
    pick(panel, 7)
    assert panel.list.row.proposal_id == 8
    assert len(panel.list.rows) == 16


def test_the_keyboard_goes_to_the_list_and_chooses_a_line(panel, qtbot):
    panel.show_state(replace(STATE, current=None), NameStyle())
    with qtbot.waitSignal(panel.proposal_picked) as picked:
        panel.focus_list()
    assert picked.args == [1]


@pytest.mark.parametrize(
    ("key", "name"),
    [(Qt.Key.Key_Return, "confirm"), (Qt.Key.Key_Enter, "confirm"), (Qt.Key.Key_Delete, "delete_box")],
)
def test_accepting_and_rejecting_work_from_the_list(panel, qtbot, key, name):
    keypad = Qt.KeyboardModifier.KeypadModifier if key == Qt.Key.Key_Enter else Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(panel.action_asked) as asked:
        QTest.keyClick(panel.list, key, keypad)
    assert asked.args == [name]
    pick(panel, 10)
    with qtbot.assertNotEmitted(panel.action_asked):
        QTest.keyClick(panel.list, key)


def test_the_slider_says_its_value_while_it_is_dragged(panel, qtbot):
    slider = panel.slider
    assert panel.value.text() == "at least .45"
    seen = []
    panel.threshold_changed.connect(seen.append)
    handle = QPoint(round((45 - 38) / 62 * (slider.width() - 12)) + 6, slider.height() // 2)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, handle)
    QTest.mouseMove(slider, handle + QPoint(60, 0))
    assert slider.isSliderDown()
    assert seen
    assert seen[-1] > 0.5
    assert panel.value.text() == f"at least .{round(seen[-1] * 100)}"
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, handle)


def test_the_slider_goes_by_the_keyboard_down_to_what_the_run_knows(panel, qtbot):
    with qtbot.waitSignal(panel.threshold_changed) as changed:
        QTest.keyClick(panel.slider, Qt.Key.Key_Right)
    assert changed.args == [0.46]
    with qtbot.waitSignal(panel.threshold_changed) as changed:
        QTest.keyClick(panel.slider, Qt.Key.Key_Home)
    assert changed.args == [0.385]
    assert panel.value.text() == "at least .38"
    with qtbot.assertNotEmitted(panel.threshold_changed):
        panel.show_state(replace(STATE, threshold=0.57), NameStyle())
    assert panel.value.text() == "at least .57"
    assert panel.below.text() == "3 below the threshold"
    assert "Ctrl+]" in panel.slider.toolTip()


DIFFERENT = (
    Difference(DifferenceKind.MODEL_ONLY, EVERY[1].joint, None, EVERY[1], None),
    Difference(DifferenceKind.READER_ONLY, joint_named("R-PIP3"), said("R-PIP3", A), None, None),
    Difference(DifferenceKind.BOX, joint_named("R-PIP4"), said("R-PIP4"), EVERY[3], 0.61),
    Difference(
        DifferenceKind.FINDING, joint_named("R-PIP5"), said("R-PIP5", S, comment="odd"), EVERY[4], 0.9
    ),
    Difference(DifferenceKind.NAME, joint_named("R-MP2"), said("R-MP2"), EVERY[7], 0.8),
)


def test_differences_are_told_in_words(panel, qtbot):
    panel.show_state(replace(STATE, differences=DIFFERENT, current=2), NameStyle())
    assert lines(panel) == [
        "R-PIP2 model only .97",
        "R-PIP3 you only",
        "R-PIP4 box differs, IoU .61",
        "R-PIP5 you ▲, model ✓",
        "R-MP2 name differs, model: R-MP3",
    ]
    assert "You say subluxation, not confirmed yet, the model says normal." in panel.list.rows[3].tip
    assert panel.list.row.proposal_id == 2
    with qtbot.waitSignal(panel.joint_picked) as picked:
        QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert picked.args == [joint_named("R-PIP3")]
    with qtbot.waitSignal(panel.proposal_picked) as picked:
        QTest.keyClick(panel.list, Qt.Key.Key_Up)
    assert picked.args == [2]
    assert panel.buttons.buttons["differences"].isChecked()
    panel.show_state(replace(STATE, differences=()), NameStyle())
    assert panel.list.hint == "You and the model say the same."


def test_buttons_say_their_keys_and_ask(panel, qtbot):
    buttons = panel.buttons.buttons
    assert [button.text() for button in buttons.values()] == [
        "Propose now  Q", "Accept the rest (17)  ⇧A", "Differences  ⇧D", "Least certain first  O",
    ]  # fmt: skip
    for name, button in buttons.items():
        with qtbot.waitSignal(panel.action_asked) as asked:
            click(button)
        assert asked.args == [name]
        assert not button.isChecked()
    panel.show_state(replace(STATE, uncertain_first=True, can_run=False, rest=0), NameStyle())
    assert buttons["least_certain"].isChecked()
    assert [name for name, button in buttons.items() if button.isEnabled()] == [
        "differences",
        "least_certain",
    ]
    panel._actions.action("differences").setEnabled(False)
    assert not buttons["differences"].isEnabled()
    panel._actions.set_keys({"least_certain": "Ctrl+K"})
    assert buttons["least_certain"].text() == "✓ Least certain first  Ctrl+K"


@pytest.mark.parametrize(
    ("state", "hint"),
    [
        (PanelState(status="No model is active."), ""),
        (PanelState(can_run=True), "Q proposes the joints of this image."),
        (PanelState(lowest=0.38, threshold=0.5, below=2), "No proposal reaches the threshold."),
        (PanelState(lowest=0.38, threshold=0.5), "Every proposal is decided, or you have a box there."),
    ],
)
def test_an_empty_panel_says_why(panel, state, hint):
    panel.show_state(state, NameStyle())
    assert panel.list.rows == ()
    assert panel.list.hint == hint
    assert panel.slider.isVisible() == (state.lowest > 0)


@pytest.mark.parametrize("width", [200, 290, 600])
def test_nothing_is_cut_off_at_the_width_of_a_dock(panel, qtbot, width):
    panel.resize(width, 480)
    doubted = replace(STATE, proposals=(*EVERY[:19], proposed(JOINTS[19], 20, ankylosis=True, flags=WHY)))
    panel.show_state(doubted, NameStyle())
    qtbot.waitUntil(lambda: panel.rect().contains(panel.buttons.geometry()))
    parts = [panel.status, panel.detail, panel.value, panel.slider, panel.below, panel.list, panel.buttons]
    for number, part in enumerate(parts):
        assert panel.rect().contains(part.geometry()), part
        assert not any(part.geometry().intersects(other.geometry()) for other in parts[number + 1 :])
    for button in panel.buttons.buttons.values():
        assert panel.buttons.rect().contains(button.geometry())
        assert button.width() == button.sizeHint().width()
    metrics = QFontMetrics(panel.font())
    delegate = panel.list.delegate
    name, cells = delegate.widest(metrics, metrics)
    columns = [name, *cells]
    assert sum(columns) + 4 * 12 + 12 <= max(panel.list.viewport().width(), 250)
    assert panel.detail.toolTip() == STATE.detail
    assert panel.detail.fontMetrics().horizontalAdvance(panel.detail.text()) <= panel.detail.width()


def test_a_theme_reaches_the_list(panel):
    dark = panel.list.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.list.grab().toImage() != dark


def test_letters_stay_with_the_window(panel):
    QTest.keyClicks(panel.list, "RL")
    assert panel.list.row.proposal_id == 3
    assert not panel.list.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
