"""Draws findings into any radiograph whose joints are known."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.displacing import move, shifted, slid
from detector.phantom.findings import NEVER_DISPLACED, JointState
from detector.phantom.fusing import fused
from detector.phantom.layers import separate
from detector.phantom.patch import Floats, cut, put_back
from detector.phantom.sites import Site
from detector.phantom.truth import Box

LEAST_UNIT = 40  # pixels; in a smaller hand a joint space cannot be told from its ends
UNTOUCHED = 0.4  # share of the joints without a finding that are left exactly as they are


def with_findings(
    pixels: NDArray[np.uint16], sites: Mapping[str, Site], states: Mapping[str, JointState], seed: int
) -> tuple[NDArray[np.uint16], dict[str, Box]]:
    """A radiograph uint16 [H, W], bone bright, any bit depth, in which its joints are as the states say.

    The joints should be free of findings. A joint without a state stays as it is, and so do some of those
    whose state names no finding; the rest of these get the slight unevenness of their state, so that
    resampling betrays nothing. Also returned are the boxes of all sites: those of displaced joints lie half
    way between the two joint surfaces. Raises ValueError for a displaced thumb IP, and for hands of which the
    MP3-PIP3 distance is below 40 pixels.
    """
    image = pixels.astype(np.float32)
    boxes = {name: site.box for name, site in sites.items()}
    # from the wrist outwards, as what lies further out is carried along
    order = sorted(sites, key=lambda name: (not name.split("-")[-1].startswith("MP"), name))
    for place, name in enumerate(order):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 7, place])))
        spared = rng.random() < UNTOUCHED
        state = states.get(name)
        if state is None or (spared and not state.findings):
            continue
        if name.split("-")[-1] in NEVER_DISPLACED and set(state.findings) - {"ankylosis"}:
            raise ValueError(f"{name} is never displaced.")
        if sites[name].unit < LEAST_UNIT:
            raise ValueError(f"{name} is of a hand too small to draw into.")
        boxes[name] = change(image, sites[name], state, rng)
    most = 2 ** max(int(pixels.max(initial=1)).bit_length(), 1) - 1
    drawn: NDArray[np.uint16] = np.clip(np.rint(image), 0, most).astype(np.uint16)
    return drawn, boxes


def change(image: Floats, site: Site, state: JointState, rng: np.random.Generator) -> Box:
    """Draws one joint into the image; its box."""
    patch = cut(image, site)
    layers = separate(patch, site)
    moved = move(patch, site, layers, state)
    bones, bare = moved.bones, moved.bare
    shift = shifted(layers, state)
    if state.fused:
        bones, bare = fused(moved, patch, site, state, shift, rng)
    put_back(image, patch, moved.flesh + bones + grain(bare, layers.noise, rng), site.unit)
    step = (shift * site.across - slid(state, site) * site.axis) / 2
    x0, y0, x1, y1 = site.box
    dx, dy = (float(value) for value in step)
    return x0 + dx, y0 + dy, x1 + dx, y1 + dy


def grain(bare: Floats, strength: float, rng: np.random.Generator) -> Floats:
    """The noise of the film where a bone was taken away, and with it all noise."""
    white = cv2.GaussianBlur(rng.standard_normal(bare.shape, dtype=np.float32), (0, 0), 0.6)
    return np.asarray(white * bare * (strength / max(float(white.std()), 1e-6)), np.float32)
