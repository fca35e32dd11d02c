"""Findings drawn into radiographs: measured in clean phantoms before and after."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.dataset import Displacement, faults, from_composites
from detector.phantom import Phantom, draw
from detector.phantom.findings import JointState, joint_states
from detector.phantom.into_films import UNTOUCHED, with_findings
from detector.phantom.sites import UNIT_MM, Site, find_sites

FUSED = JointState(("ankylosis",), narrowing=1.0, fused=True)
FUSED_WITH_REMNANT = JointState(("ankylosis",), narrowing=1.0, fused=True, remnant=True)
ASIDE = JointState(("subluxation",), shift=-0.38, overlap=0.5, tilt=-0.1)
OVER = JointState(("dislocation",), shift=0.3, overlap=7.0, tilt=0.1)

Pixels = NDArray[np.uint16]


@pytest.fixture(scope="module")
def clean() -> Phantom:
    return draw(11, findings_rate=0.0, metal=False)


@pytest.fixture(scope="module")
def sites(clean: Phantom) -> dict[str, Site]:
    return find_sites({joint.name: joint.box for joint in clean.joints})


def straightened(pixels: Pixels, site: Site, reach: float = 0.5) -> NDArray[np.float32]:
    """The joint with the finger along the rows, from -reach to reach units: float32 [N, N], N odd."""
    half = round(reach * site.unit)
    turn = np.stack([site.across, site.axis], axis=1)
    start = site.centre - 0.5 - turn @ np.array([half, half], float)
    found = cv2.warpAffine(
        pixels.astype(np.float32),
        np.hstack([turn, start[:, None]]),
        (2 * half + 1, 2 * half + 1),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return np.asarray(found, np.float32)


def along(pixels: Pixels, site: Site) -> NDArray[np.float32]:
    """Mean level of the inner half of the bone along the finger, smoothed, from -0.5 to 0.5 units."""
    patch = straightened(pixels, site)
    middle, inner = len(patch) // 2, round(site.width / 4)
    profile = patch[:, middle - inner : middle + inner + 1].mean(axis=1, keepdims=True)
    return np.asarray(cv2.GaussianBlur(profile, (1, 5), 1.5)[:, 0], np.float32)


def dip(pixels: Pixels, site: Site) -> float:
    """How far the level falls in the joint space, against the bones beside it."""
    profile = along(pixels, site)
    middle, unit = len(profile) // 2, site.unit
    space = profile[middle - round(0.04 * unit) : middle + round(0.04 * unit) + 1]
    near = profile[middle - round(0.2 * unit) : middle - round(0.06 * unit)]
    far = profile[middle + round(0.06 * unit) : middle + round(0.2 * unit)]
    return float(min(np.median(near), np.median(far)) - space.min())


def bone_across(pixels: Pixels, clean: Pixels, site: Site, place: float) -> float:
    """Where the bone lies across the finger, `place` units beyond the joint: pixels from the axis.

    What is bone there is told by the levels in the clean picture.
    """
    middle, thick, aside = round(0.5 * site.unit), round(0.02 * site.unit), round(0.26 * site.unit)
    row = middle + round(place * site.unit)
    found, usual = (
        straightened(one, site)[row - thick : row + thick + 1, middle - aside : middle + aside + 1].mean(
            axis=0
        )
        for one in (pixels, clean)
    )
    u = np.abs(np.arange(-aside, aside + 1)) / site.width
    level = (np.median(usual[u < 0.3]) + np.median(usual[(u > 0.58) & (u < 0.66)])) / 2
    runs = np.split(np.arange(len(found)), np.flatnonzero(np.diff(found > level)) + 1)
    bones = [run for run in runs if found[run[0]] > level]
    return float(max(bones, key=len).mean() - aside)


def moved_across(before: Pixels, after: Pixels, site: Site, place: float) -> float:
    """By how many pixels towards the thumb the bone lies elsewhere, `place` units beyond the joint."""
    return bone_across(after, before, site, place) - bone_across(before, before, site, place)


def middle_of(box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


# where joints are


def test_axes_run_towards_the_fingertips_and_across_towards_the_thumb(sites: dict[str, Site]) -> None:
    assert len(sites) == 20
    for side in "RL":
        for joint in ("PIP2", "PIP3", "PIP4", "PIP5", "MP2", "MP3", "MP4", "MP5"):
            site = sites[f"{side}-{joint}"]
            assert site.axis[1] < -0.8  # upwards
            thumb = sites[f"{side}-MP2"].centre - sites[f"{side}-MP5"].centre
            assert site.across @ thumb > 0
            assert abs(site.axis @ site.across) < 1e-9
        thumb = sites[f"{side}-IP1"]
        assert np.allclose(thumb.axis, sites[f"{side}-MP1"].axis)
        assert (thumb.centre - sites[f"{side}-MP1"].centre) @ thumb.axis > 0


def test_hands_on_the_other_sides_have_their_thumbs_found_as_well(
    clean: Phantom, sites: dict[str, Site]
) -> None:
    width = clean.pixels.shape[1]
    flipped = {j.name: (width - j.box[2], j.box[1], width - j.box[0], j.box[3]) for j in clean.joints}
    for name, site in find_sites(flipped).items():
        assert np.allclose(site.across, sites[name].across * [-1, 1])


def test_a_hand_with_a_joint_missing_is_left_out(clean: Phantom) -> None:
    boxes = {joint.name: joint.box for joint in clean.joints if joint.name != "L-PIP4"}
    assert {name[0] for name in find_sites(boxes)} == {"R"}


# ankylosis


@pytest.mark.parametrize("name", ["R-PIP3", "L-PIP2", "R-MP3", "L-MP4", "R-IP1", "L-PIP5"])
def test_ankylosis_leaves_no_gap(name: str, clean: Phantom, sites: dict[str, Site]) -> None:
    drawn, boxes = with_findings(clean.pixels, sites, {name: FUSED}, 1)
    before, after = dip(clean.pixels, sites[name]), dip(drawn, sites[name])
    assert before > 25
    assert after < 0.35 * before
    assert np.allclose(boxes[name], sites[name].box, atol=0.01 * sites[name].unit)


def test_a_remnant_shows_more_of_the_old_space_than_none(clean: Phantom, sites: dict[str, Site]) -> None:
    site = sites["R-PIP3"]
    without, _ = with_findings(clean.pixels, sites, {site.name: FUSED}, 1)
    with_it, _ = with_findings(clean.pixels, sites, {site.name: FUSED_WITH_REMNANT}, 1)
    assert dip(without, site) < dip(with_it, site) < 0.5 * dip(clean.pixels, site)


def test_a_bridge_has_a_texture(clean: Phantom, sites: dict[str, Site]) -> None:
    """It is bone, not a smooth patch: as uneven as the bone before it was."""
    site = sites["L-MP3"]
    drawn, _ = with_findings(clean.pixels, sites, {site.name: FUSED}, 1)
    uneven = []
    for pixels, place in ((clean.pixels, -0.3), (drawn, 0.0)):
        patch = straightened(pixels, site)
        fine = patch - cv2.GaussianBlur(patch, (0, 0), 3.0)
        middle, row, reach = (
            len(patch) // 2,
            len(patch) // 2 + round(place * site.unit),
            round(0.05 * site.unit),
        )
        uneven.append(fine[row - reach : row + reach, middle - reach : middle + reach].std())
    assert 0.5 < uneven[1] / uneven[0] < 2


# displacement


@pytest.mark.parametrize("name", ["R-PIP3", "L-PIP4", "R-MP3", "L-MP2", "R-MP1", "L-PIP5"])
def test_subluxation_moves_the_far_bone_only(name: str, clean: Phantom, sites: dict[str, Site]) -> None:
    site = sites[name]
    drawn, boxes = with_findings(clean.pixels, sites, {name: ASIDE}, 1)
    wanted = ASIDE.shift * site.width
    assert moved_across(clean.pixels, drawn, site, 0.06) == pytest.approx(wanted, rel=0.25)
    assert abs(moved_across(clean.pixels, drawn, site, -0.1)) < 0.1 * abs(wanted)
    moved = middle_of(boxes[name]) - site.centre
    assert moved @ site.across == pytest.approx(wanted / 2, rel=0.3)
    assert moved @ site.axis == pytest.approx(-0.25 * site.unit / UNIT_MM, abs=0.5)


@pytest.mark.parametrize("name", ["R-MP3", "L-PIP3"])
def test_dislocation_lays_one_bone_over_the_other(name: str, clean: Phantom, sites: dict[str, Site]) -> None:
    site = sites[name]
    drawn, boxes = with_findings(clean.pixels, sites, {name: OVER}, 1)
    before, after = straightened(clean.pixels, site), straightened(drawn, site)
    middle, unit = len(before) // 2, site.unit
    overlapping = slice(middle - round(0.12 * unit), middle - round(0.03 * unit))
    half = middle + round(OVER.shift * site.width / 2)
    inner = slice(half - round(0.06 * unit), half + round(0.06 * unit))
    assert after[overlapping, inner].mean() > 1.12 * before[overlapping, inner].mean()
    moved = middle_of(boxes[name]) - site.centre
    assert moved @ site.axis == pytest.approx(-OVER.overlap / 2 * unit / UNIT_MM, abs=1)
    sides = [(b[2] - b[0], b[3] - b[1]) for b in (boxes[name], site.box)]
    assert np.allclose(sides[0], sides[1])


def test_a_displacement_has_faded_before_the_next_joint(clean: Phantom, sites: dict[str, Site]) -> None:
    drawn, _ = with_findings(clean.pixels, sites, {"R-MP3": ASIDE}, 1)
    after, before = (straightened(pixels, sites["R-PIP3"], 0.22) for pixels in (drawn, clean.pixels))
    assert np.abs(after - before).max() < 0.05 * np.ptp(before)
    near_the_space = slice(round(0.06 * sites["R-PIP3"].unit), None)
    assert np.array_equal(after[near_the_space], before[near_the_space])


def test_a_thumb_ip_is_never_displaced(clean: Phantom, sites: dict[str, Site]) -> None:
    with pytest.raises(ValueError, match="R-IP1 is never displaced"):
        with_findings(clean.pixels, sites, {"R-IP1": ASIDE}, 1)
    for seed in range(200):
        states = joint_states(seed, 1.0, 1)
        assert {*states["R-IP1"].findings, *states["L-IP1"].findings} == {"ankylosis"}


def test_subluxation_and_ankylosis_together(clean: Phantom, sites: dict[str, Site]) -> None:
    both = JointState(("ankylosis", "subluxation"), shift=0.35, narrowing=1.0, fused=True)
    site = sites["L-PIP3"]
    drawn, boxes = with_findings(clean.pixels, sites, {site.name: both}, 1)
    assert moved_across(clean.pixels, drawn, site, 0.3) > 0.1 * site.width
    assert middle_of(boxes[site.name]) @ site.across > site.centre @ site.across + 0.1 * site.width
    assert dip(drawn, site) < 0.5 * dip(clean.pixels, site)


# the rest of the picture


def test_nothing_changes_far_from_the_joint(clean: Phantom, sites: dict[str, Site]) -> None:
    site = sites["R-PIP3"]
    drawn, boxes = with_findings(clean.pixels, sites, {site.name: OVER}, 1)
    y, x = np.indices(clean.pixels.shape)
    away = np.hypot(x + 0.5 - site.centre[0], y + 0.5 - site.centre[1]) > 1.6 * site.unit
    assert np.array_equal(drawn[away], clean.pixels[away])
    assert not np.array_equal(drawn, clean.pixels)
    assert {name: box for name, box in boxes.items() if name != site.name} == {
        name: other.box for name, other in sites.items() if name != site.name
    }


def test_flesh_beside_the_bone_keeps_its_grain(clean: Phantom, sites: dict[str, Site]) -> None:
    """Grain of its own would tell where something was drawn."""
    site = sites["R-MP3"]
    drawn, _ = with_findings(clean.pixels, sites, {site.name: FUSED}, 1)
    after, before = straightened(drawn, site), straightened(clean.pixels, site)
    beside = np.abs(np.arange(len(before)) - len(before) // 2) > 0.32 * site.unit
    assert np.array_equal(after[:, beside], before[:, beside])
    moved, _ = with_findings(clean.pixels, sites, {site.name: ASIDE}, 1)
    grains = []
    for patch in (straightened(moved, site), before):
        fine = patch - cv2.GaussianBlur(patch, (0, 0), 2.0)
        grains.append(np.median(np.abs(fine)))
    assert 0.8 < grains[0] / grains[1] < 1.15


def test_without_states_every_pixel_stays(clean: Phantom, sites: dict[str, Site]) -> None:
    drawn, boxes = with_findings(clean.pixels, sites, {}, 1)
    assert np.array_equal(drawn, clean.pixels)
    assert drawn is not clean.pixels
    assert boxes == {name: site.box for name, site in sites.items()}


def test_of_the_joints_without_a_finding_some_are_resampled_and_some_not(
    clean: Phantom, sites: dict[str, Site]
) -> None:
    """Or resampling alone would tell which joints have a finding."""
    state = JointState(shift=0.02, tilt=0.01, narrowing=0.3)
    touched = []
    for seed in range(4):
        drawn, _ = with_findings(clean.pixels, sites, dict.fromkeys(sites, state), seed)
        for site in sites.values():
            x0, y0, x1, y1 = (round(value) for value in site.box)
            before = clean.pixels[y0:y1, x0:x1].astype(float)
            touched.append(np.abs(drawn[y0:y1, x0:x1] - before).mean())
            assert touched[-1] < 0.08 * np.ptp(before)
    share = np.mean(np.array(touched) == 0)
    assert 0.5 * UNTOUCHED < share < 1.5 * UNTOUCHED


def test_the_same_seed_gives_the_same_bytes(clean: Phantom, sites: dict[str, Site]) -> None:
    states = joint_states(5, 0.3, 1)
    first, second, other = (with_findings(clean.pixels, sites, states, seed) for seed in (5, 5, 6))
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1] == second[1]
    assert first[0].tobytes() != other[0].tobytes()


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_other_bit_depths(bits: int, clean: Phantom, sites: dict[str, Site]) -> None:
    factor = 2.0 ** (bits - 10)
    scaled = np.rint(clean.pixels * factor).astype(np.uint16)
    states = {"R-PIP3": FUSED, "L-MP3": OVER, "R-PIP4": ASIDE}
    expected, boxes = with_findings(clean.pixels, sites, states, 1)
    drawn, found = with_findings(scaled, sites, states, 1)
    assert drawn.dtype == np.uint16
    assert drawn.max() < 2**bits
    for name in states:
        assert np.allclose(found[name], boxes[name], atol=3)
        x0, y0, x1, y1 = (round(value) for value in boxes[name])
        off = drawn[y0:y1, x0:x1] / factor - expected[y0:y1, x0:x1]
        assert np.abs(off).mean() < 12


@pytest.mark.parametrize("state", [FUSED, ASIDE, OVER])
def test_a_joint_near_the_edge_of_the_image(
    state: JointState, clean: Phantom, sites: dict[str, Site]
) -> None:
    """Also one of which half the box, or all of it, lies beyond."""
    for cut in (-10.0, 30.0, 400.0):
        top = round(float(sites["R-PIP3"].centre[1]) + cut)
        boxes = {j.name: (j.box[0], j.box[1] - top, j.box[2], j.box[3] - top) for j in clean.joints}
        pixels = clean.pixels[top:]
        drawn, _ = with_findings(pixels, find_sites(boxes), {"R-PIP3": state}, 1)
        assert drawn.shape == pixels.shape
        assert np.array_equal(drawn[-400:], pixels[-400:])


def test_small_images_and_too_small_ones() -> None:
    for size, fits in (((668, 804), True), ((200, 240), False)):
        phantom = draw(2, findings_rate=0.0, size=size)
        sites = find_sites({joint.name: joint.box for joint in phantom.joints})
        if fits:
            drawn, _ = with_findings(phantom.pixels, sites, joint_states(3, 1.0, 1), 3)
            assert drawn.shape == size
        else:
            with pytest.raises(ValueError, match="too small"):
                with_findings(phantom.pixels, sites, joint_states(3, 1.0, 1), 3)


@pytest.mark.parametrize("level", [0, 512, 65535])
def test_images_without_any_content_do_not_break_it(level: int, sites: dict[str, Site]) -> None:
    empty = np.full((1670, 2010), level, np.uint16)
    drawn, _ = with_findings(empty, sites, joint_states(3, 1.0, 1), 3)
    assert np.abs(drawn.astype(int) - level).max() <= 2


# into releases


def composed(folder: Path, phantom: Phantom, patients: int) -> Path:
    """A folder as two_hand_films.py leaves it, with raw pixels in the place of DICOM."""
    height, width = phantom.pixels.shape
    joints = [{"name": joint.name, "box": list(joint.box)} for joint in phantom.joints]
    images = []
    (folder / "dicom").mkdir(parents=True)
    for number in range(1, patients + 1):
        file = f"dicom/P{number:04d}_V1.dcm"
        noisy = phantom.pixels + np.random.default_rng([number, patients]).integers(
            0, 2, phantom.pixels.shape
        )
        (folder / file).write_bytes(noisy.astype("<u2").tobytes())
        films = {"R": f"{folder.name}1", "L": f"{folder.name}2"}
        images.append(
            {"file": file, "patient_id": f"P{number:04d}", "visit": 1, "right_on": "left", "films": films}
            | {"joints": joints}
        )
    truth = {"width": width, "height": height, "seed": 1, "images": images}
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")
    return folder


def test_composites_get_the_findings_that_their_labels_say(tmp_path: Path) -> None:
    phantom = draw(4, findings_rate=0.0, size=(668, 804))
    folders = [composed(tmp_path / "one", phantom, 2), composed(tmp_path / "two", phantom, 1)]

    def read(path: Path) -> Pixels:
        return np.frombuffer(path.read_bytes(), "<u2").astype(np.uint16).reshape(phantom.pixels.shape)

    release = from_composites(tmp_path / "release", folders, read, findings_rate=0.4, seed=9)
    assert faults(release.folder) == []
    assert [image.patient for image in release.images] == ["AP0001", "AP0002", "BP0001"]
    assert release.manifest.about["films"] == ["one1", "one2", "two1", "two2"]
    sites = find_sites({joint.name: joint.box for joint in phantom.joints})
    for number, (image, folder) in enumerate(
        zip(release.images, [*folders[:1] * 2, folders[1]], strict=True)
    ):
        states = joint_states(900_000 + number, 0.4, 1)
        before = read(folder / "dicom" / f"{image.patient[1:]}_V1.dcm")
        expected, boxes = with_findings(before, sites, states, 900_000 + number)
        assert np.array_equal(release.pixels(image), expected)
        assert image.ankylosed + image.displaced > 2
        for joint in image.joints:
            findings = states[joint.name].findings
            assert joint.ankylosis == ("ankylosis" in findings)
            assert joint.displacement is None or joint.displacement.value in (*findings, "none")
            assert (joint.displacement not in (None, Displacement.NONE)) == bool({*findings} - {"ankylosis"})
            assert np.allclose(joint.box, boxes[joint.name], atol=0.01)


def test_composites_stay_as_they_are_without_a_rate(tmp_path: Path) -> None:
    phantom = draw(4, findings_rate=0.0, size=(668, 804))
    folder = composed(tmp_path / "one", phantom, 1)

    def read(path: Path) -> Pixels:
        return np.frombuffer(path.read_bytes(), "<u2").astype(np.uint16).reshape(phantom.pixels.shape)

    release = from_composites(tmp_path / "release", folder, read)
    assert [image.patient for image in release.images] == ["P0001"]
    assert np.array_equal(release.pixels(release.images[0]), read(folder / "dicom/P0001_V1.dcm"))
    assert release.images[0].ankylosed + release.images[0].displaced == 0
