"""The joint sheet: every joint of the image as a crop, the current one large, and what there is to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from annotator.domain.annotations import Reading
from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Joint, Side
from annotator.domain.proposals import Proposal
from annotator.imaging.display import Look
from annotator.imaging.radiograph import Radiograph
from annotator.imaging.resample import Pyramid
from annotator.ui.actions import Actions
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.joint_crops import Crops, span_of
from annotator.ui.joint_detail import JointDetail
from annotator.ui.joint_tile import TileState
from annotator.ui.joint_words import digits_seen, in_words, sides_seen
from annotator.ui.proposal_words import told
from annotator.ui.sheet_buttons import SheetButtons
from annotator.ui.sheet_header import SheetHeader, set_tone
from annotator.ui.theme import Theme
from annotator.ui.tile_board import HandPlan, TileBoard

MARGIN, GAP = 10, 6
BESIDE = 300
"""Least width in pixels of the current joint beside the tiles."""
LOOK_EVERY_MS = 40
NOTHING_PROPOSED: Mapping[Joint, Proposal] = MappingProxyType({})


class JointSheet(QWidget):
    """Shows what it is given and says what was asked; it changes nothing itself.

    joint_picked(Joint); action_asked(name of an action); comment_changed(Joint, text).
    """

    joint_picked = Signal(object)
    action_asked = Signal(str)
    comment_changed = Signal(object, str)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._crops: Crops | None = None
        self._reading: Reading | None = None
        self._look = Look()
        self._current: Joint | None = None
        self._proposals = NOTHING_PROPOSED
        self._chosen: Proposal | None = None
        self._rest = 0
        self._rejected: Collection[Joint] = ()
        self._sides = ""
        self._style = NameStyle()
        self._mirrored = False
        self._locked = False
        self._later = QTimer(self, singleShot=True, interval=LOOK_EVERY_MS)
        self._later.timeout.connect(self._show_images)
        self.board = TileBoard(theme)
        self.detail = JointDetail(actions, theme)
        self.header = SheetHeader(actions, theme)
        self.buttons = SheetButtons(actions)
        self._empty = QLabel(self.tr("Open a radiograph from the worklist: its joints appear here."))
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        set_tone(self._empty, "muted")
        for widget in (self.header, self._empty, self.board, self.detail, self.buttons):
            widget.setParent(self)
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        keep_input_method_out(self)
        self.setAccessibleName(self.tr("Joint sheet"))
        self._show_all()

    def set_content(
        self,
        radiograph: Radiograph | None,
        reading: Reading | None,
        look: Look,
        current: Joint | None,
        style: NameStyle,
        mirrored: bool,
        pyramid: Pyramid | None = None,
        *,
        locked: bool = False,
        proposals: Mapping[Joint, Proposal] = NOTHING_PROPOSED,
        chosen: Proposal | None = None,
        rest: int = 0,
        rejected: Collection[Joint] = (),
        sides: str = "",
    ) -> None:
        """Show this reading.

        mirrored: the view has left and right changed (by mirroring or half a turn). pyramid: of the
        radiograph's values, where there is one already. locked: nothing can be said about the joints, though
        the reading may not be signed. proposals: those that are shown and wait, of joints without a box of
        their own. chosen: the current one; of a proposal without a joint, where no joint is current. rest:
        how many of them "accept the rest" would take. rejected: joints without a box whose proposal was
        rejected. sides: where the right hand is seen.
        """
        if self._reading is not None and (reading is None or reading.image_id != self._reading.image_id):
            self.detail.drop_comment()  # it was written about another image
        if radiograph is None:
            self._crops = None
        elif self._crops is None or self._crops.radiograph is not radiograph:
            self._crops = Crops(radiograph, pyramid)
        self._reading, self._look, self._current = reading, look, current
        self._style, self._mirrored, self._locked = style, mirrored, locked
        self._proposals, self._chosen, self._rest = proposals, chosen, rest
        self._rejected, self._sides = rejected, sides
        self._show_all()

    def set_look(self, look: Look) -> None:
        """Only the grey of the crops changes; while a window is dragged, not at every step of it."""
        if look != self._look:
            self._look = look
            if not self._later.isActive():
                self._later.start()

    def set_current(self, current: Joint | None, chosen: Proposal | None = None) -> None:
        """Another joint is current; chosen: as in `set_content`."""
        self._current, self._chosen = current, chosen
        self._place()
        self._show_tiles()
        self._show_detail()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for tile in self.board.tiles.values():
            tile.theme = theme
        for cap in self.header.caps.values():
            cap.theme = theme
        self.detail.set_theme(theme)
        self._show_all()
        self.update()

    def edit_comment(self) -> None:
        self.detail.edit_comment()

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height() + 8
        height = (
            self.board.smallest_height() + self.detail.smallest_height(noted=True) + 4 * line + 2 * MARGIN
        )
        return QSize(320, height)

    def sizeHint(self) -> QSize:
        return QSize(360, self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring of the focus; the parts paint themselves."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QColor(self._theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def showEvent(self, event: QShowEvent) -> None:
        self._place()

    def _show_all(self) -> None:
        reading = self._reading
        for widget in (self.board, self.detail, self.buttons):
            widget.setVisible(reading is not None)
        self._empty.setVisible(reading is None)
        self.header.show_reading(
            reading,
            mirrored=self._mirrored,
            locked=self._read_only,
            proposed=len(self._proposals),
            sides=self._sides,
        )
        self._show_buttons()
        if reading is None:
            self._place()
            return
        self.board.set_hands(self._hands(reading) if reading.expected else ())
        self._place()
        self._show_tiles()
        self._show_images()
        self._show_detail()

    def _hands(self, reading: Reading) -> tuple[HandPlan, ...]:
        facts, boxes = reading.facts, reading.boxes
        headings = {Side.RIGHT: self.tr("Right hand"), Side.LEFT: self.tr("Left hand")}
        return tuple(
            HandPlan(side, digits_seen(side, facts, boxes, self._mirrored), headings[side])
            for side in sides_seen(facts, self._mirrored)
        )

    def _show_buttons(self) -> None:
        self.buttons.show_reading(
            self._reading, self._current, locked=self._read_only, proposal=self._proposal, rest=self._rest
        )

    @property
    def _proposal(self) -> Proposal | None:
        """The one in the detail."""
        return self._chosen or (self._proposals.get(self._current) if self._current else None)

    @property
    def _read_only(self) -> bool:
        return self._locked or (self._reading is not None and self._reading.signed)

    def _show_tiles(self) -> None:
        reading, style = self._reading, self._style
        if reading is None:
            return
        for joint, tile in self.board.tiles.items():
            said, proposal = reading.of(joint), self._proposals.get(joint)
            words = told(proposal, style) if proposal else f"{style.full(joint)}: {in_words(said)}"
            current, rejected = joint == self._current, joint in self._rejected
            tile.set_state(TileState(style.short(joint), words, said, current, proposal, rejected))

    def _show_images(self) -> None:
        reading, crops = self._reading, self._crops
        if reading is None:
            return
        expected = set(reading.expected)
        boxes = {joint: box for joint, box in self._boxes.items() if joint in expected}
        if crops is not None:
            crops.set_look(self._look)
        span, ratio = span_of(boxes.values()), self.devicePixelRatioF()
        pixels = round((self.board.tile_side - 4) * ratio)
        for joint, tile in self.board.tiles.items():
            box = boxes.get(joint)
            tile.set_image(crops.image(box, span, pixels, self._mirrored) if crops and box else None)
        self._show_large()

    @property
    def _boxes(self) -> dict[Joint, Box]:
        """The reader's, and those that are proposed."""
        proposed = {joint: proposal.box for joint, proposal in self._proposals.items()}
        return proposed | (self._reading.boxes if self._reading else {})

    def _show_large(self) -> None:
        reading, crops, current, proposal = self._reading, self._crops, self._current, self._proposal
        box = reading.of(current).box if reading is not None and current is not None else None
        box = proposal.box if proposal is not None else box
        if crops is None or box is None or reading is None:
            hint = self.tr("No box yet: draw one on the radiograph") if current is not None else ""
            self.detail.picture.show_image(None, hint or self.tr("No joint is chosen"))
            return
        side = round(self.detail.picture.width() * self.devicePixelRatioF())
        span = span_of([*self._boxes.values()] or [box])
        self.detail.picture.show_image(crops.image(box, span, side, self._mirrored))
        crops.forget_old()

    def _show_detail(self) -> None:
        reading, current = self._reading, self._current
        annotation = reading.of(current) if reading is not None and current is not None else None
        self.detail.show_joint(
            current, annotation, self._style, locked=self._read_only, proposal=self._proposal
        )
        self._show_large()
        self._show_buttons()

    def _place(self) -> None:
        """The tiles take the room they can use, the current joint what is left."""
        before = self.board.tile_side, self.detail.picture.width()
        width, top = self.width() - 2 * MARGIN, MARGIN
        self.header.setGeometry(MARGIN, top, width, self.header.lines_height())
        top += self.header.height() + GAP // 2
        self._empty.setGeometry(MARGIN, top, width, 4 * self.fontMetrics().height())
        button_row = self.buttons.sizeHint().height()
        bottom = self._place_board(MARGIN, top, width, self.height() - top - button_row - MARGIN - GAP)
        self.buttons.setGeometry(MARGIN, bottom + GAP, width, button_row)
        if before != (self.board.tile_side, self.detail.picture.width()):
            self._show_images()

    def _place_board(self, left: int, top: int, width: int, room: int) -> int:
        """Current joint beneath the board, or beside it where the sheet is wide; returns where they end."""
        noted = bool(self._proposals or self._chosen)
        least = self.detail.smallest_height(noted=noted)
        wanted = self.detail.readable_height(noted=noted)
        beneath = self.board.height_for(width, max(room - wanted - GAP, 0))
        if self.board.width_for(width - BESIDE, room) > self.board.width_for(width, beneath):
            board_width = self.board.width_for(width - BESIDE, room)
            height = self.board.height_for(width - BESIDE, room)
            self.board.setGeometry(left, top, board_width, height)
            x = left + board_width + 2 * GAP
            rest = width - board_width - 2 * GAP
            self.detail.setGeometry(x, top, rest, min(room, self.detail.wanted_height(rest)))
            return top + max(height, least)
        self.board.setGeometry(left, top, width, beneath)
        y = top + beneath + GAP
        detail = max(least, min(room - beneath - GAP, self.detail.wanted_height(width)))
        self.detail.setGeometry(left, y, width, detail)
        return y + detail

    def _connect(self) -> None:
        self.board.joint_picked.connect(self._picked)
        self.detail.action_asked.connect(self.action_asked)
        self.detail.comment_changed.connect(self.comment_changed)
        self.header.asked.connect(self.action_asked)
        self.buttons.asked.connect(self.action_asked)

    def _picked(self, joint: Joint) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.joint_picked.emit(joint)
