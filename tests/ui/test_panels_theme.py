"""The colours can be read, and no finding is told by colour alone."""

from itertools import product

import pytest
from panels_samples import A, D, S, said
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QPushButton

from annotator.domain.annotations import JointAnnotation, ReadingState
from annotator.domain.findings import NotAssessable
from annotator.domain.joints import joint_named
from annotator.ui import theme as themes
from annotator.ui.theme import DARK, LIGHT, STATE_SIGNS, finding_sign

TEXTS = (
    "text", "muted", "normal", "ankylosis", "displacement", "not_assessable", "untouched", "proposal",
    "warning", "danger", "ok",
)  # fmt: skip


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    shares = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_colour_stands_out_from_every_ground(theme):
    for text, ground in product(TEXTS, ("window", "panel", "raised")):
        assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_texts_on_chosen_rows_and_strong_buttons_stand_out(theme):
    for text, ground in (
        (theme.text, theme.selected),
        (theme.muted, theme.selected),
        (theme.normal, theme.selected),
        (theme.displacement, theme.selected),
        (theme.on_strong, theme.strong),
        (theme.on_alarm, theme.alarm),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_ring_of_the_focus_is_seen(theme):
    for ground in (theme.window, theme.panel, theme.raised):
        assert contrast(theme.accent, ground) >= 3.0


def test_marks_on_the_black_film_stand_out_whatever_the_theme():
    for annotation in (said("R-PIP3", A), said("R-PIP3", S), said("R-PIP3", confirmed=True), said("R-PIP3")):
        assert contrast(finding_sign(annotation)[1], "#000000") >= 7.0


def test_each_state_of_a_joint_has_a_sign_of_its_own():
    joint = joint_named("R-PIP3")
    states = [
        said("R-PIP3", A), said("R-PIP3", S), said("R-PIP3", D), said("R-PIP3", confirmed=True),
        said("R-PIP3"), said("R-PIP3", reason=NotAssessable.IMPLANT), JointAnnotation(joint),
    ]  # fmt: skip
    signs = [finding_sign(state)[0] for state in states]
    assert signs == ["◆", "▲", "■", "✓", "○", "✕", "–"]
    assert len({STATE_SIGNS[state] for state in ReadingState}) == len(ReadingState)


def test_two_findings_show_two_signs_and_doubt_a_question_mark():
    assert finding_sign(said("R-PIP3", A, D))[0] == "◆ ■"
    assert finding_sign(said("R-PIP3", A, S, probable=True))[0] == "◆? ▲?"
    assert finding_sign(said("R-PIP3", A, D))[1] == DARK.displacement


def test_a_comment_adds_a_sign_to_whatever_the_joint_has():
    assert finding_sign(said("R-PIP3", A, comment="odd"))[0] == "◆ ✎"
    assert finding_sign(said("R-PIP3", confirmed=True, comment="odd")) == ("✓ ✎", DARK.normal)


def test_applying_a_theme_changes_palette_and_labels(qtbot, qapp):
    label, button = QLabel("word"), QPushButton("do")
    label.setProperty("tone", "danger")
    for widget in (label, button):
        qtbot.addWidget(widget)
        widget.show()
    for theme in (LIGHT, DARK):
        themes.apply(qapp, theme)
        assert qapp.palette().color(QPalette.ColorRole.WindowText) == QColor(theme.text)
        label.ensurePolished()
        assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(theme.danger)
        assert button.grab().toImage().pixelColor(button.width() // 2, 5) == QColor(theme.raised)
