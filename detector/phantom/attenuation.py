"""What bones take from the beam: cortex and marrow along each ray of it, summed over all bones of a film."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.bones import Bone, Doubles
from detector.phantom.texture import Floats, Textures, sample

CORTICAL = 0.135  # attenuation per mm of dense bone
TRABECULAR = 0.046  # the same for full marrow trabeculae
WALLS = 2.0  # thickness of back and palm together against that of the cortex at the sides
FINE = 2  # the outline is drawn at this many times the film's resolution
MARGIN = 3  # pixels around a bone


@dataclass(frozen=True)
class Placement:
    """Hand millimetres -> image pixels: pixel = matrix @ mm + offset; scale: pixels per mm."""

    matrix: Doubles
    offset: Doubles
    scale: float

    def points(self, mm: Doubles) -> Doubles:
        """Points float64 [..., 2] in image pixels, origin at the outer corner of the top-left pixel."""
        placed: Doubles = mm @ self.matrix.T + self.offset
        return placed

    def back(self, pixels: Doubles) -> Doubles:
        """Image pixels -> hand millimetres."""
        placed: Doubles = (pixels - self.offset) @ np.linalg.inv(self.matrix).T
        return placed


@dataclass(frozen=True)
class Patch:
    """Where a group of bones lies on the film. below: depth below the outline in mm, float32 [h, w]."""

    left: int
    top: int
    below: Floats


def add_bones(
    film: Floats, groups: Sequence[Sequence[Bone]], placement: Placement, textures: Textures, dense: float
) -> None:
    """Adds all groups to the attenuations float32 [H, W], in place; dense: mineral content, 1 usual."""
    for group in groups:
        patch = cover(group, placement, film.shape[:2])
        if patch is None:
            continue
        height, width = patch.below.shape
        area = film[patch.top : patch.top + height, patch.left : patch.left + width]
        area += dense * through(group, patch, placement, textures)


def cover(group: Sequence[Bone], placement: Placement, size: tuple[int, ...]) -> Patch | None:
    """The patch of the film under a group of bones, or nothing where they lie outside it."""
    outlines = [placement.points(bone.outline) for bone in group]
    low = np.floor(np.min([o.min(axis=0) for o in outlines], axis=0)).astype(int) - MARGIN
    high = np.ceil(np.max([o.max(axis=0) for o in outlines], axis=0)).astype(int) + MARGIN
    left, top = np.maximum(low, 0)
    right, bottom = np.minimum(high, [size[1], size[0]])
    if right - left < 4 or bottom - top < 4:
        return None
    # bones that leave the film keep a rim outside, so that the border of the film is not taken for an outline
    rim = 40
    mask = np.zeros(((bottom - top + 2 * rim) * FINE, (right - left + 2 * rim) * FINE), np.uint8)
    for outline in outlines:
        fixed = np.rint(((outline - [left - rim, top - rim]) * FINE - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 1, shift=4)
    if len(group) > 1:
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(3.0 * placement.scale * FINE))
    below = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    below = np.maximum(below - 0.5, 0) / np.float32(FINE * placement.scale)
    small = cv2.resize(below, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    return Patch(int(left), int(top), small[rim:-rim, rim:-rim])


def disc(radius: float) -> NDArray[np.uint8]:
    """A round structuring element of this radius in pixels."""
    side = 2 * int(radius) + 1
    element: NDArray[np.uint8] = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.uint8)
    return element


def through(group: Sequence[Bone], patch: Patch, placement: Placement, textures: Textures) -> Floats:
    """Attenuation by a group of bones over its patch."""
    height, width = patch.below.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    corner = np.array([patch.left + 0.5, patch.top + 0.5])
    inverse = np.linalg.inv(placement.matrix)
    origin = inverse @ (corner - placement.offset)
    hand_x = inverse[0, 0] * x + inverse[0, 1] * y + origin[0]
    hand_y = inverse[1, 0] * x + inverse[1, 1] * y + origin[1]
    parts = [columns(bone, hand_x, hand_y, textures) for bone in group]
    if len(parts) == 1:
        return level(patch.below, parts[0][:6])
    weights = np.stack([np.exp(-(np.minimum(part[6], 9) ** 2)) + np.float32(1e-6) for part in parts])
    weights /= weights.sum(axis=0)
    mixed = [sum(w * part[k] for w, part in zip(weights, parts, strict=True)) for k in range(6)]
    return level(patch.below, mixed)


def columns(bone: Bone, hand_x: Floats, hand_y: Floats, textures: Textures) -> list[Floats]:
    """Rounding, depth, cortex, marrow, trabeculae and edge of a bone over its patch; the way past its end."""
    dx, dy = hand_x - bone.origin[0], hand_y - bone.origin[1]
    s = dx * bone.axis[0] + dy * bone.axis[1]
    u = dx * bone.across[0] + dy * bone.across[1]
    stations = bone.stations
    fine = np.linspace(stations[0], stations[-1], 256)
    step = np.clip((s - stations[0]) * (255 / (stations[-1] - stations[0])), 0, 255).astype(np.int32)

    def along(values: Doubles) -> Floats:
        table = np.interp(fine, stations, values).astype(np.float32)
        found: Floats = table[step]
        return found

    half_width = along(bone.half_width)
    # strands follow the flare of the bone, so they are laid out by the share of its width
    share = u / half_width * np.float32(bone.half_width.mean())
    across, along_mm = share + np.float32(bone.offset[0]), s + np.float32(bone.offset[1])
    grain = (1 - bone.mesh) * sample(textures.strands, across, along_mm)
    grain += bone.mesh * sample(textures.mesh, u + np.float32(bone.offset[0]), along_mm)
    grain *= np.float32(bone.grain)
    uneven = sample(textures.slow, across, along_mm * np.float32(0.5))
    cortex = along(bone.cortex) * (1 + bone.uneven * uneven)
    marrow = along(bone.marrow) * (1 + bone.uneven * uneven)
    if bone.plate:
        floor = s - np.float32(bone.plate) * (1.25 - (u / half_width) ** 2)
        line = np.exp(-((floor / np.float32(0.5)) ** 2)) * np.clip(3 - 3.4 * np.abs(u / half_width), 0, 1)
        grain += np.float32(1.1 * bone.floor) * (1 + 0.3 * uneven) * line
    past = np.maximum(stations[0] - s, 0) + np.maximum(s - stations[-1], 0)
    fields = [along(bone.rounding), along(bone.depth), cortex, marrow, grain, along(bone.edge)]
    return [*fields, past.astype(np.float32)]


def level(below: Floats, fields: Sequence[Floats]) -> Floats:
    """Attenuation from the depth below the outline: a rounded solid of cortex around a core of marrow."""
    rounding, depth, cortex, marrow, grain, edge = fields
    outer = depth * dome(below / rounding, edge)
    core = np.maximum(below - cortex, 0) / np.maximum(rounding - cortex, 0.3)
    # the cortex is somewhat thicker at the sides than at the back and the palm
    inner = np.minimum((depth - WALLS * cortex) * dome(core, edge), outer)
    inner = np.maximum(inner, 0)
    result: Floats = CORTICAL * (outer - inner) + TRABECULAR * marrow * inner * (1 + grain)
    return result


def dome(x: Floats, edge: Floats) -> Floats:
    """Height of an arc, 0 at its foot and 1 from its top on: a circle's with edge 0, a parabola's with 1."""
    x = np.clip(x, 0, 1)
    square = x * (2 - x)
    arc: Floats = np.sqrt(square)
    arc += edge * (square - arc)
    return arc
