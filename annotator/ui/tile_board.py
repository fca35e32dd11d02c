"""Where the tiles of the joint sheet lie: per hand two rows of five, one hand above or beside the other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from annotator.domain.joints import JOINTS, Joint, Row, Side
from annotator.ui.joint_tile import JointTile
from annotator.ui.theme import Theme

GAP, BETWEEN_HANDS = 4, 12
SMALLEST, LARGEST = 46, 200
"""Side of a tile's crop in pixels of the screen."""
WIDEST = 1.4
"""A tile may be wider than its crop by this factor, for its words, where the board has room to the side."""


@dataclass(frozen=True, slots=True)
class HandPlan:
    """One hand as it is seen: its digits from left to right, and the heading."""

    side: Side
    digits: tuple[int, ...]
    heading: str


class TileBoard(QWidget):
    """Twenty tiles, of which those of the planned hands are shown, as large as the room allows."""

    joint_picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = {joint: JointTile(joint, theme, self) for joint in JOINTS}
        for tile in self.tiles.values():
            tile.picked.connect(self.joint_picked)
        self._headings = {side: QLabel(self) for side in Side}
        for label in self._headings.values():
            label.setProperty("size", "small")
            label.setProperty("tone", "muted")
        self._hands: tuple[HandPlan, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_hands(())

    @property
    def order(self) -> list[list[Joint]]:
        """The rows of joints from top to bottom, each from left to right, hand by hand."""
        return [
            [Joint(hand.side, row, digit) for digit in hand.digits] for hand in self._hands for row in Row
        ]

    @property
    def tile_side(self) -> int:
        """Side of a crop in pixels of the screen."""
        return self._side(self._columns(self.size()), self.size())

    def set_hands(self, hands: tuple[HandPlan, ...]) -> None:
        if hands == self._hands and hands:
            return
        self._hands = hands
        shown = {hand.side for hand in hands}
        for joint, tile in self.tiles.items():
            tile.setVisible(joint.side in shown)
        for side, label in self._headings.items():
            label.setVisible(side in shown)
        for hand in hands:
            self._headings[hand.side].setText(hand.heading)
        self._place()

    def height_for(self, width: int, room: int) -> int:
        """The height wanted at this width when there is room for that much at most."""
        size = QSize(width, room)
        columns = self._columns(size)
        return self._height(columns, self._side(columns, size))

    def width_for(self, width: int, room: int) -> int:
        """The width that the tiles would fill, given this much width and height."""
        columns = self._columns(QSize(width, room))
        side = self._side(columns, QSize(width, room))
        return columns * (5 * side + 4 * GAP) + (columns - 1) * BETWEEN_HANDS

    def smallest_height(self) -> int:
        """Of two hands, one above the other."""
        one = self._heading_height() + 2 * (SMALLEST + self._line_height() + GAP)
        return 2 * one + GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _columns(self, size: QSize) -> int:
        """Hands beside each other: 1, or 2 where that makes the tiles larger."""
        if len(self._hands) < 2:
            return 1
        return max((1, 2), key=lambda columns: (self._side(columns, size), -columns))

    def _side(self, columns: int, size: QSize) -> int:
        rows = -(-len(self._hands) // columns) or 1
        width = (size.width() - (columns - 1) * BETWEEN_HANDS) // columns
        by_width = (width - 4 * GAP) // 5
        by_height = (size.height() - self._height(columns, 0)) // (2 * rows)
        return max(SMALLEST, min(by_width, by_height, LARGEST))

    def _tile_width(self, columns: int, side: int) -> int:
        room = (self.width() - (columns - 1) * BETWEEN_HANDS) // columns
        return max(side, min((room - 4 * GAP) // 5, round(side * WIDEST)))

    def _height(self, columns: int, side: int) -> int:
        rows = -(-len(self._hands) // columns)
        one = self._heading_height() + 2 * (side + self._line_height() + GAP)
        return max(rows, 1) * one + max(rows - 1, 0) * GAP

    def _heading_height(self) -> int:
        return self.fontMetrics().height() + 2

    def _line_height(self) -> int:
        return next(iter(self.tiles.values())).line_height() + 2

    def _place(self) -> None:
        columns = self._columns(self.size())
        side = self._side(columns, self.size())
        tile_height = side + self._line_height()
        width = self._tile_width(columns, side)
        hand_width = 5 * width + 4 * GAP
        hand_height = self._height(1, side) if len(self._hands) == 1 else self._height(2, side)
        for number, hand in enumerate(self._hands):
            x = (number % columns) * (hand_width + BETWEEN_HANDS)
            y = (number // columns) * (hand_height + GAP)
            self._headings[hand.side].setGeometry(x, y, hand_width, self._heading_height())
            y += self._heading_height()
            for line, row in enumerate(Row):
                for column, digit in enumerate(hand.digits):
                    left, top = x + column * (width + GAP), y + line * (tile_height + GAP)
                    place = QRect(left, top, width, tile_height)
                    self.tiles[Joint(hand.side, row, digit)].setGeometry(place)
