"""Moves the far bone of a joint in a radiograph."""

from dataclasses import dataclass

import cv2
import numpy as np

from detector.phantom.findings import JointState
from detector.phantom.layers import Layers
from detector.phantom.patch import Floats, Patch, smoothstep
from detector.phantom.sites import UNIT_MM, Site

SPACE_MM = 1.5  # of a joint, as far as a narrowing can take it away
MOST_FLESH = {"PIP": 0.5, "IP": 0.6}  # units from the middle of the finger that it may reach
PALM = {"MP": 0.26, "MP1": 0.36}  # units from the middle of the finger that it is moved
MASKING = 0.35  # what a bone over another loses of its brightness, as film does not add up without end


@dataclass(frozen=True)
class Moved:
    """A patch after its far bone was moved, float32 [V, U] each. bare: 1 where flesh without grain shows."""

    flesh: Floats
    bones: Floats
    bare: Floats


def move(patch: Patch, site: Site, layers: Layers, state: JointState) -> Moved:
    """The layers with the far bone moved as the state says."""
    du, source = field(patch.v, site, state, shifted(layers, state), slid(state, site))
    u, v, finger = flesh_field(patch, site, layers, du, source)
    flesh = layers.flesh - finger + remap(finger, patch, u, v)
    far = remap(layers.far, patch, patch.u - du, source)
    there = np.clip(remap(layers.window, patch, patch.u - du, source), 0, 1)
    beyond = smoothstep((source - layers.gap[None, :]) / 4 + 0.5)
    covered = np.maximum(
        layers.window * (1 - smoothstep((patch.v - layers.gap[None, :]) / 4 + 0.5)), there * beyond
    )
    bare = np.clip(np.clip(remap(layers.window, patch, u, v), 0, 1) - covered, 0, 1)
    both = np.clip(layers.near, 0, None) * np.clip(far, 0, None) / max(layers.bone, 1e-3)
    return Moved(flesh, np.asarray(layers.near + far - MASKING * both, np.float32), bare.astype(np.float32))


def shifted(layers: Layers, state: JointState) -> float:
    """How far the far bone goes across, in pixels."""
    return state.shift * 2 * layers.half


def slid(state: JointState, site: Site) -> float:
    """How far the far bone comes back over the near one, in pixels along the finger."""
    narrowing = 0.0 if state.fused else state.narrowing * SPACE_MM
    return (state.overlap + narrowing) * site.unit / UNIT_MM


def field(v: Floats, site: Site, state: JointState, sideways: float, back: float) -> tuple[Floats, Floats]:
    """Where the far bone at row v came from: how far across it was moved, and its row before, [V, 1] each."""
    source = v
    for _ in range(4):
        source = v + back * fading(source, site.reach)
    turned = np.tan(state.tilt) * np.clip(source, 0, None)
    return (sideways + turned) * fading(source, site.reach), source


def fading(v: Floats, reach: float) -> Floats:
    """1 at the joint, falling to 0 at the end of its reach."""
    return 1 - smoothstep(v / max(reach, 1.0))


def flesh_field(
    patch: Patch, site: Site, layers: Layers, du: Floats, source: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where the flesh came from, across and along the finger, and the part of it that goes with the bone."""
    v = patch.v / np.float32(site.unit)
    if (joint := site.name.split("-")[-1]).startswith("MP"):
        # the fingers part beyond the knuckles; the flesh of the palm stays, and so do the fingers beside it
        room = PALM.get(joint, PALM["MP"]) * np.float32(site.unit)
        onset = smoothstep(v / 0.35) * (1 - smoothstep(np.abs(patch.u) / room))
        limit = 0.55 * room
        return patch.u - np.clip(du, -limit, limit) * onset, v_between(patch, source, onset), layers.flesh
    calm = np.asarray(cv2.GaussianBlur(layers.flesh, (0, 0), 1.6), np.float32)
    left, right = troughs(calm, patch, site, layers.half)
    own = smoothstep((patch.u - left) / 4 + 0.5) * smoothstep((right - patch.u) / 4 + 0.5)
    finger = own * (layers.flesh - between(calm, patch, left, right))
    # the skin towards which the bone moves gives way before the joint, that on the other side beyond it
    early, late = smoothstep((v + 0.34) / 0.34), smoothstep(v / 0.34)
    way = np.sign(float(du[patch.v0, 0])) or 1.0
    side = np.clip((way * patch.u - np.abs(du) / 2) / (3 * layers.half) + 0.5, 0, 1)
    onset = early * side + late * (1 - side)
    return patch.u - du * onset, v_between(patch, source, onset), finger


def v_between(patch: Patch, source: Floats, onset: Floats) -> Floats:
    """Rows on the way from where they are to where the bone came from."""
    return np.asarray(patch.v + (source - patch.v) * onset, np.float32)


def troughs(calm: Floats, patch: Patch, site: Site, half: float) -> tuple[int, int]:
    """Between which columns, counted from the centre, the flesh is that of this finger."""
    joint = site.name.split("-")[-1]
    most = round(MOST_FLESH[joint[:-1]] * site.unit)
    least = round(half + 0.04 * site.unit)
    rows = (np.abs(patch.v) < 0.25 * site.unit)[:, 0]
    profile = calm[rows].mean(axis=0)
    right = least + int(np.argmin(profile[patch.u0 + least : patch.u0 + most + 1]))
    left = least + int(np.argmin(profile[patch.u0 - most : patch.u0 - least + 1][::-1]))
    return -left, right


def between(calm: Floats, patch: Patch, left: int, right: int) -> Floats:
    """The levels beside a finger, drawn straight through behind it."""
    ends = []
    for at in (left, right):
        end = calm[:, patch.u0 + at - 1 : patch.u0 + at + 2].mean(axis=1, keepdims=True)
        ends.append(cv2.GaussianBlur(end, (0, 0), 3.0))
    share = np.clip((patch.u - left) / (right - left), 0, 1)
    return np.asarray(ends[0] * (1 - share) + ends[1] * share, np.float32)


def remap(layer: Floats, patch: Patch, u: Floats, v: Floats) -> Floats:
    """The layer at places counted from the centre ([V, U] or broadcast to it)."""
    columns, rows = np.broadcast_arrays(u + patch.u0, v + patch.v0)
    found = cv2.remap(
        layer,
        np.ascontiguousarray(columns, np.float32),
        np.ascontiguousarray(rows, np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32)
