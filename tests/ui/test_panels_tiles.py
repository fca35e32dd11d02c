"""A tile says what it has to say in the room that the sheet gives it."""

import pytest
from panels_samples import LOOK, radiograph, reading, said
from PySide6.QtGui import QFont, QFontMetrics

from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import joint_named
from annotator.ui.actions import Actions
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.theme import DARK

FILM = radiograph()


@pytest.fixture
def sheet(qtbot):
    made = JointSheet(Actions(), DARK)
    qtbot.addWidget(made)
    made.resize(400, 900)
    made.show()
    return made


def give(sheet, of=None, style=NameStyle()):  # noqa: B008
    sheet.set_content(FILM, of or reading(), LOOK, joint_named("L-MP2"), style, mirrored=False)


def tile(sheet, name):
    return sheet.board.tiles[joint_named(name)]


@pytest.mark.parametrize("boxed", [True, False])
def test_a_tile_shows_that_there_is_a_comment(sheet, boxed):
    give(sheet, reading(R_PIP3=said("R-PIP3", boxed=boxed)))
    plain = tile(sheet, "R-PIP3").grab().toImage()
    give(sheet, reading(R_PIP3=said("R-PIP3", boxed=boxed, comment="odd")))
    assert tile(sheet, "R-PIP3").grab().toImage() != plain


@pytest.mark.parametrize("name", ["R-PIP5", "R-MP2"])
def test_names_and_words_use_the_width_that_the_sheet_has(sheet, name):
    sheet.resize(372, 640)
    style = NameStyle(japanese=True, mcp=True)
    give(sheet, style=style)
    shown = tile(sheet, name)
    bold = QFont(shown.font())
    bold.setPointSizeF(bold.pointSizeF() * 0.82)
    bold.setWeight(QFont.Weight.DemiBold)
    room = QFontMetrics(bold).horizontalAdvance(shown.state.name) + 10
    assert shown.width() >= room
    assert shown.width() * 5 >= (sheet.board.width() - 16) * 0.97
    assert shown.line == "✓ normal"
