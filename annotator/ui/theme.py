"""Colours, the style sheet, and the sign and colour by which each finding is known everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from annotator.domain.annotations import JointAnnotation, ReadingState
from annotator.domain.findings import Certainty, Finding, Mark
from annotator.paths import resources
from annotator.ui.style_sheet import style_sheet


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as "#rrggbb". Text colours reach a contrast of 4.5 : 1 on window, panel and raised.

    window: behind everything. panel: docks and bars. raised: buttons, fields, key caps. selected: the
    chosen row. strong: the button that goes on, with on_strong as its text; alarm: the bar of a failure.
    """

    name: str
    window: str
    panel: str
    raised: str
    selected: str
    border: str
    text: str
    muted: str
    accent: str
    strong: str
    on_strong: str
    alarm: str
    on_alarm: str
    normal: str
    ankylosis: str
    displacement: str
    not_assessable: str
    untouched: str
    proposal: str
    warning: str
    danger: str
    ok: str


DARK = Theme(
    name="dark",
    window="#14161a",
    panel="#1a1d22",
    raised="#252931",
    selected="#203b59",
    border="#363c47",
    text="#e4e7ec",
    muted="#a0a8b4",
    accent="#5aa5f0",
    strong="#2766a6",
    on_strong="#ffffff",
    alarm="#a3262a",
    on_alarm="#ffffff",
    normal="#79d385",
    ankylosis="#5cc0f5",
    displacement="#f5a742",
    not_assessable="#c9b8a8",
    untouched="#c3c9d2",
    proposal="#b39df5",
    warning="#f2b14f",
    danger="#ff8080",
    ok="#79d385",
)

LIGHT = Theme(
    name="light",
    window="#e9ebef",
    panel="#f6f7f9",
    raised="#ffffff",
    selected="#cfe2f7",
    border="#bcc3cd",
    text="#191c21",
    muted="#545b67",
    accent="#1d64b4",
    strong="#1f64ad",
    on_strong="#ffffff",
    alarm="#b3261e",
    on_alarm="#ffffff",
    normal="#17692c",
    ankylosis="#0a5a96",
    displacement="#874900",
    not_assessable="#6a5340",
    untouched="#454c57",
    proposal="#5f3fc4",
    warning="#804b00",
    danger="#b3261e",
    ok="#17692c",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

FINDING_SIGNS = {Finding.ANKYLOSIS: "◆", Finding.SUBLUXATION: "▲", Finding.DISLOCATION: "■"}
STATE_SIGNS = {
    ReadingState.NEW: "○",
    ReadingState.IN_PROGRESS: "◐",
    ReadingState.COMPLETE: "●",
    ReadingState.SIGNED: "▣",
}
NORMAL_SIGN, NOT_ASSESSABLE_SIGN, UNTOUCHED_SIGN, MISSING_SIGN = "✓", "✕", "○", "–"
COMMENT_SIGN = "✎"


def window_icon() -> QIcon:
    """Knuckle's own: the two bones of a finger joint."""
    return QIcon(str(resources() / "icons" / "knuckle.svg"))


def apply(app: QApplication, theme: Theme) -> None:
    """Fusion with this theme's palette and style sheet, for every window of the application."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme, app.font()))


def palette(theme: Theme) -> QPalette:
    made = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.raised,
        roles.AlternateBase: theme.panel,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.danger,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Highlight: theme.strong,
        roles.HighlightedText: theme.on_strong,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Mid: theme.border,
        roles.Light: theme.border,
    }.items():
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, mixed(theme.muted, theme.panel, 0.6))
    return made


def mixed(colour: str, ground: str, share: float) -> QColor:
    """The colour laid over the ground, covering it to this share (0 to 1)."""
    a, b = QColor(colour), QColor(ground)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return QColor(*(round(x * share + y * (1.0 - share)) for x, y in parts))


def mark_sign(mark: Mark) -> str:
    """The sign of a finding, with a question mark where it is probable."""
    return FINDING_SIGNS[mark.finding] + ("?" if mark.certainty is Certainty.PROBABLE else "")


def finding_colour(finding: Finding, theme: Theme = DARK) -> str:
    return theme.ankylosis if finding is Finding.ANKYLOSIS else theme.displacement


def finding_sign(annotation: JointAnnotation, theme: Theme = DARK) -> tuple[str, str]:
    """Sign and colour of a joint: both signs where there are two findings, the displacement's colour then,
    and one more where there is a comment.

    On a radiograph, which is black, keep to DARK whatever the window's theme is.
    """
    sign, colour = _state_sign(annotation, theme)
    return (f"{sign} {COMMENT_SIGN}" if annotation.comment else sign), colour


def _state_sign(annotation: JointAnnotation, theme: Theme) -> tuple[str, str]:
    if annotation.not_assessable is not None:
        return NOT_ASSESSABLE_SIGN, theme.not_assessable
    if annotation.marks:
        return " ".join(map(mark_sign, annotation.marks)), finding_colour(annotation.marks[-1].finding, theme)
    if annotation.confirmed:
        return NORMAL_SIGN, theme.normal
    return (UNTOUCHED_SIGN, theme.untouched) if annotation.box else (MISSING_SIGN, theme.muted)
