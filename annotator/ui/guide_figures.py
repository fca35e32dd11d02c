"""The small figures of the guide, drawn as a radiograph shows a joint: bone bright, gap dark."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import BOX_SIDE, JOINTS, TEMPLATE, Joint, Row, Side
from annotator.ui.theme import DARK

FILM, TISSUE, MARROW, CORTEX = QColor("#101216"), QColor("#33373d"), QColor("#8e9298"), QColor("#dfe3e8")
HALF_BOX = 0.62
"""Half the side of a box in the units of these drawings: widths of the end of a bone."""


@dataclass(frozen=True, slots=True)
class JointPicture:
    """A joint to draw.

    aside: how far the far bone has slipped, in widths of the bone. over: how far the bones overlap along
    the finger. fused: bone across the gap. box: where a box is drawn, from its right place (None: no box).
    cropped: the film ends in the joint. implant: a metal joint.
    """

    aside: float = 0.0
    over: float = 0.0
    fused: bool = False
    box: tuple[float, float] | None = None
    box_scale: float = 1.0
    box_good: bool = True
    cropped: bool = False
    implant: bool = False


def paint_joint(painter: QPainter, place: QRectF, picture: JointPicture) -> None:
    """The joint in the middle of the place, fingertip upwards."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(place)
    painter.fillRect(place, FILM)
    painter.translate(place.center())
    unit = place.height() / 3.1
    painter.scale(unit, unit)
    painter.translate(-picture.aside / 2, 0)
    if picture.cropped:
        painter.setClipRect(QRectF(-9, -0.12, 18, 9), Qt.ClipOperation.IntersectClip)
    near, far = _near_bone(), _far_bone().translated(picture.aside, picture.over)
    painter.fillRect(QRectF(-0.78, -2, 1.56 + picture.aside, 4), TISSUE)
    if picture.fused:
        _paint_bone(painter, near.united(_bridge()).united(far), seed=3)
    else:
        _paint_bone(painter, near, seed=3)
        _paint_bone(painter, far, seed=5)
    if picture.implant:
        _paint_implant(painter)
    if picture.box is not None:
        _paint_box(painter, picture)
    painter.restore()


def paint_hands(painter: QPainter, place: QRectF, style: NameStyle) -> None:
    """Both hands as on a film, R on the left, with the name of each joint at its place."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(place, FILM)
    unit = min(place.width() / 7.4, place.height() / 2.9)
    font = QFont(painter.font())
    font.setPixelSize(max(round(unit * 0.135), 9))
    painter.setFont(font)
    for side in Side:
        # On the film the little finger of the right hand is at the left edge.
        outwards = -1 if side is Side.RIGHT else 1
        wrist = QPointF(place.center().x() + outwards * 2.15 * unit, place.center().y() + 0.2 * unit)
        points = {
            joint: wrist + QPointF(outwards * across * unit, -along * unit)
            for joint in JOINTS
            if joint.side is side
            for across, along in (TEMPLATE[joint.row, joint.digit],)
        }
        _paint_rays(painter, wrist, points, unit)
        for joint, point in points.items():
            box = QRectF(QPointF(), QSizeF(BOX_SIDE * unit, BOX_SIDE * unit))
            box.moveCenter(point)
            painter.setPen(QPen(QColor(DARK.normal), 1.5))
            painter.drawRect(box)
            painter.setPen(QColor(DARK.text))
            top = box.top() - unit * 0.2 if joint.row is Row.PIP else box.bottom() + unit * 0.02
            line = QRectF(point.x() - unit, top, 2 * unit, unit * 0.19)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, style.full(joint))
    painter.restore()


def _paint_rays(painter: QPainter, wrist: QPointF, points: dict[Joint, QPointF], unit: float) -> None:
    """A line of bone for each finger, from the wrist through its joints."""
    base = wrist + QPointF(0, 1.0 * unit)
    painter.setPen(QPen(QColor("#4a4f57"), unit * 0.13, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    by_digit: dict[int, dict[Row, QPointF]] = {}
    for joint, point in points.items():
        by_digit.setdefault(joint.digit, {})[joint.row] = point
    for joints in by_digit.values():
        tip = joints[Row.PIP] + (joints[Row.PIP] - joints[Row.MP]) * 0.62
        foot = base + (joints[Row.MP] - base) * 0.18
        painter.drawPolyline(QPolygonF([foot, joints[Row.MP], joints[Row.PIP], tip]))


def _near_bone() -> QPainterPath:
    """The bone nearer to the wrist: a shaft that ends in a round head just below the gap."""
    path = QPainterPath(QPointF(-0.30, 2.2))
    path.cubicTo(QPointF(-0.28, 1.1), QPointF(-0.50, 0.85), QPointF(-0.49, 0.42))
    path.cubicTo(QPointF(-0.48, 0.02), QPointF(0.48, 0.02), QPointF(0.49, 0.42))
    path.cubicTo(QPointF(0.50, 0.85), QPointF(0.28, 1.1), QPointF(0.30, 2.2))
    path.closeSubpath()
    return path


def _far_bone() -> QPainterPath:
    """The bone nearer to the fingertip: its hollow base just above the gap."""
    path = QPainterPath(QPointF(-0.26, -2.2))
    path.cubicTo(QPointF(-0.24, -1.0), QPointF(-0.52, -0.55), QPointF(-0.52, -0.10))
    path.cubicTo(QPointF(-0.45, 0.08), QPointF(-0.25, -0.06), QPointF(0.0, -0.08))
    path.cubicTo(QPointF(0.25, -0.06), QPointF(0.45, 0.08), QPointF(0.52, -0.10))
    path.cubicTo(QPointF(0.52, -0.55), QPointF(0.24, -1.0), QPointF(0.26, -2.2))
    path.closeSubpath()
    return path


def _paint_bone(painter: QPainter, outline: QPainterPath, seed: int) -> None:
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(MARROW.red(), MARROW.green(), MARROW.blue(), 215))
    painter.drawPath(outline)
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    _paint_trabeculae(painter, outline.boundingRect(), seed)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(CORTEX, 0.11))
    painter.drawPath(outline)
    painter.restore()


def _paint_trabeculae(painter: QPainter, place: QRectF, seed: int) -> None:
    chance = random.Random(seed)
    painter.setPen(QPen(QColor(225, 229, 234, 80), 0.014))
    for _ in range(round(90 * place.height())):
        x = place.left() + chance.random() * place.width()
        y = place.top() + chance.random() * place.height()
        lean = chance.uniform(-0.06, 0.06)
        painter.drawLine(QPointF(x, y), QPointF(x + lean, y + chance.uniform(0.12, 0.35)))


def _bridge() -> QPainterPath:
    """Bone from one side of the gap to the other."""
    path = QPainterPath(QPointF(-0.50, -0.25))
    path.cubicTo(QPointF(-0.42, 0.0), QPointF(-0.42, 0.2), QPointF(-0.48, 0.45))
    path.lineTo(0.48, 0.45)
    path.cubicTo(QPointF(0.42, 0.2), QPointF(0.42, 0.0), QPointF(0.50, -0.25))
    path.closeSubpath()
    return path


def _paint_implant(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#f6f8fa"))
    painter.drawRoundedRect(QRectF(-0.46, -0.22, 0.92, 0.5), 0.12, 0.12)
    for end in (QRectF(-0.09, -1.1, 0.18, 1.0), QRectF(-0.10, 0.2, 0.20, 1.1)):
        painter.drawRoundedRect(end, 0.08, 0.08)


def _paint_box(painter: QPainter, picture: JointPicture) -> None:
    """At its right place the box is centred half way between the two joint surfaces."""
    assert picture.box is not None
    half = HALF_BOX * picture.box_scale
    middle = QPointF(picture.aside / 2 + picture.box[0], 0.03 + picture.over / 2 + picture.box[1])
    colour = QColor(DARK.normal if picture.box_good else DARK.danger)
    pen = QPen(colour, 0.035)
    if not picture.box_good:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half))
    if picture.box_good:
        painter.setPen(QPen(colour, 0.03))
        for dx, dy in ((0.07, 0.0), (0.0, 0.07)):
            painter.drawLine(middle - QPointF(dx, dy), middle + QPointF(dx, dy))
