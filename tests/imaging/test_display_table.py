"""The table of grey against pydicom's own chain over the whole frame, and its laws."""

import pickle
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import Depth, dataset, film, save
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut, apply_windowing

from annotator.imaging.dicom import read
from annotator.imaging.display import (
    DisplayChain,
    Function,
    Look,
    ModalityLut,
    Rescale,
    VoiLut,
    Window,
    carried_over,
    default_look,
    export_table,
    lookup_table,
    presets,
    shade,
    window_of,
    window_source,
    without_lut,
)

FUNCTIONS: tuple[Function, ...] = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
PLAIN = DisplayChain(10, False, 0, Rescale(), (), (), False)


def ours(path: Path, look: Look | None = None) -> np.ndarray:
    radiograph = read(path)
    chain = radiograph.facts.chain
    return lookup_table(chain, look or default_look(chain, radiograph.values))[radiograph.values]


def theirs(path: Path, prefer_lut: bool = True) -> np.ndarray:
    """Grey of every pixel through pydicom's chain: its output range scaled to 0 ... 255, then polarity."""
    ds = pydicom.dcmread(path)
    bits, signed = ds.BitsStored, ds.PixelRepresentation == 1
    stored = ds.pixel_array.astype(np.int64) & (2**bits - 1)
    if signed:
        stored = (stored ^ 2 ** (bits - 1)) - 2 ** (bits - 1)
    x = apply_modality_lut(stored.astype(np.int32 if signed else np.uint32), ds)
    if prefer_lut and "VOILUTSequence" in ds:  # it wants whole numbers there
        x = np.rint(x).astype(np.int32)
    y = apply_voi_lut(x, ds, prefer_lut=prefer_lut).astype(np.float64)
    if "VOILUTSequence" in ds and prefer_lut:
        low, high = 0.0, 2.0 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
    else:
        edge = -(2.0 ** (bits - 1)) if signed else 0.0
        ends = np.array([edge, edge + 2.0**bits - 1])
        if "ModalityLUTSequence" in ds:
            ends = np.array([0.0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1])
        elif "RescaleSlope" in ds:
            ends = ends * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        low, high = ends
    grey = (y - low) / (high - low)
    shape = ds.get("PresentationLUTShape")
    inverse = shape == "INVERSE" if shape else ds.PhotometricInterpretation == "MONOCHROME1"
    return np.rint(255 * (1 - grey if inverse else grey)).astype(np.uint8)


def same_grey(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal; where the exact grey lies on a half, the last bit of a float may round it either way."""
    difference = np.abs(a.astype(int) - b)
    return bool(difference.max() <= 1 and np.mean(difference > 0) < 0.002)


@pytest.mark.parametrize(
    "name", ["RG3_UNCI.dcm", "RG1_UNCI.dcm", "MR_small.dcm", "MR2_J2KR.dcm", "693_UNCI.dcm", "vlut_04.dcm"]
)
@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_real_files_look_as_by_pydicom(name: str) -> None:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    assert np.array_equal(ours(Path(path)), theirs(Path(path)))


def with_voi(ds: Dataset, voi: str) -> None:
    if voi == "lut":
        item = Dataset()
        curve = (np.linspace(0, 1, 700) ** 2 * 4095).astype("<u2")
        item.add_new("LUTDescriptor", "US", [curve.size, 100, 12])
        item.add_new("LUTData", "OW", curve.tobytes())
        ds.VOILUTSequence = [item]
    else:
        ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = 400, 333, voi


@pytest.mark.parametrize("voi", ["LINEAR", "LINEAR_EXACT", "SIGMOID", "lut"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("slope", [(1, 0), (2.5, -300), (-1, 1023)])
@pytest.mark.parametrize("signed", [False, True])
def test_made_files_look_as_by_pydicom(
    voi: str, photometric: str, slope: tuple[float, float], signed: bool, tmp_path: Path
) -> None:
    depth = Depth(signed=signed)
    ds = dataset(film().astype(np.int16) - 512 * signed, depth=depth)
    ds.PhotometricInterpretation = photometric
    ds.RescaleSlope, ds.RescaleIntercept = slope
    with_voi(ds, voi)
    path = save(ds, tmp_path / "a.dcm")
    assert same_grey(ours(path), theirs(path))


def test_polarity_is_one_flip_whoever_asks_for_it(tmp_path: Path) -> None:
    ds = dataset(film())
    with_voi(ds, "LINEAR")
    upright = ours(save(ds, tmp_path / "a.dcm"))
    for photometric, shape, flipped in (
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "IDENTITY", False),
        ("MONOCHROME2", "IDENTITY", False),
    ):
        ds.PhotometricInterpretation = photometric
        if shape:
            ds.PresentationLUTShape = shape
        elif "PresentationLUTShape" in ds:
            del ds.PresentationLUTShape
        grey = ours(save(ds, tmp_path / "a.dcm"))
        assert same_grey(grey, 255 - upright if flipped else upright), (photometric, shape)
    chain, values = read(tmp_path / "a.dcm").facts.chain, film()
    look = default_look(chain, values)
    again = lookup_table(chain, Look(look.window, None, inverted=True))
    assert same_grey(again, 255 - lookup_table(chain, look))


def test_modality_lut_comes_before_the_window() -> None:
    table = np.array([0, 200, 800, 1000], np.uint16)
    chain = DisplayChain(4, False, 0, ModalityLut(2, table, 10), (), (), False)
    grey = lookup_table(chain, Look(Window(500, 1000, "", "LINEAR_EXACT")))
    assert list(grey[:8]) == [0, 0, 0, 51, 204, 255, 255, 255]


def test_without_window_the_percentiles_of_the_values_count() -> None:
    values = np.full((100, 100), 500, np.uint16)
    values[0] = np.arange(100) + 450  # one percent, spread
    window = default_look(PLAIN, values).window
    assert window is not None
    assert window.name == "percentiles"
    low, high = np.percentile(values, (0.5, 99.5), method="inverted_cdf")
    assert (window.centre - window.width / 2, window.centre + window.width / 2) == (low, high)
    flat = default_look(PLAIN, np.full((5, 5), 7, np.uint16))
    assert lookup_table(PLAIN, flat).shape == (1024,)


def file_chain() -> DisplayChain:
    windows = (Window(300, 200, "BONE"), Window(600, 100))
    luts = (VoiLut(0, np.linspace(0, 255, 1024).astype(np.uint16), 8, "SOFT"),)
    return DisplayChain(10, False, 0, Rescale(), windows, luts, False)


def test_presets_and_their_sources() -> None:
    chain, values = file_chain(), film()
    found = presets(chain, values)
    assert [name for name, _ in found] == ["SOFT", "BONE", "Window 2", "Percentiles", "Full range"]
    sources = [window_source(chain, look) for _, look in found]
    assert sources == ["VOI LUT", "file", "file", "percentiles", "full range"]
    moved = Look(window_of(chain, found[3][1]).moved_to(10, 20))
    assert window_source(chain, moved) == "manual"
    assert window_source(PLAIN, Look()) == "full range"
    assert default_look(chain, values) == Look(chain.windows[0], voi_lut=0)


def test_there_is_always_a_way_from_a_lut_to_a_window() -> None:
    chain, values = file_chain(), film()
    look = default_look(chain, values)
    assert without_lut(chain, look, values) == Look(chain.windows[0])
    bare = DisplayChain(10, False, 0, Rescale(), (), chain.voi_luts, False)
    percentiles = without_lut(bare, Look(voi_lut=0, inverted=True), values)
    assert window_source(bare, percentiles) == "percentiles"
    assert percentiles.inverted
    start = window_of(bare, Look(voi_lut=0))
    assert (start.centre, start.width) == pytest.approx((511.5, 1020), abs=4)


def test_a_look_is_carried_to_the_next_image() -> None:
    chain, values = file_chain(), film()
    manual = Look(Window(1, 2), inverted=True)
    assert carried_over(PLAIN, manual, values) == manual
    assert carried_over(chain, Look(voi_lut=0), values) == Look(voi_lut=0)
    other = carried_over(PLAIN, Look(voi_lut=0, inverted=True), values)
    assert window_source(PLAIN, other) == "percentiles"
    assert other.inverted


@given(
    centre=st.floats(-70000, 70000),
    width=st.floats(1e-3, 1e6),
    function=st.sampled_from(FUNCTIONS),
    slope=st.floats(0.01, 100) | st.floats(-100, -0.01),
    inverted=st.booleans(),
)
def test_every_window_is_monotone(
    centre: float, width: float, function: Function, slope: float, inverted: bool
) -> None:
    chain = DisplayChain(8, False, 0, Rescale(slope, 3.0), (), (), inverted)
    grey = lookup_table(chain, Look(Window(centre, width, "", function))).astype(int)
    rising = (slope > 0) != inverted
    assert np.all(np.diff(grey) >= 0 if rising else np.diff(grey) <= 0)


@given(bits=st.integers(8, 16), function=st.sampled_from(FUNCTIONS), centre=st.floats(-1e5, 1e5),
       width=st.floats(1.0, 1e5), signed=st.booleans())  # fmt: skip
def test_windows_are_pydicoms_windows(
    bits: int, function: Function, centre: float, width: float, signed: bool
) -> None:
    first = -(2 ** (bits - 1)) if signed else 0
    ds = Dataset()
    ds.PhotometricInterpretation, ds.BitsStored, ds.PixelRepresentation = "MONOCHROME2", bits, int(signed)
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = f"{centre:.9g}", f"{width:.9g}", function
    stored = np.arange(2**bits) + first
    with np.errstate(over="ignore"):
        reference = (apply_windowing(stored, ds).astype(np.float64) - first) / (2**bits - 1)
    window = Window(float(ds.WindowCenter), float(ds.WindowWidth), "", function)
    chain = DisplayChain(bits, signed, first, Rescale(), (), (), False)
    assert np.abs(lookup_table(chain, Look(window)) - 255 * reference).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("width", [0.0, -5.0, float("nan"), float("inf")])
def test_a_window_without_width_cannot_exist(width: float) -> None:
    with pytest.raises(ValueError, match="no window"):
        Window(5, width)


def test_chains_travel_and_compare_by_value() -> None:
    chain = file_chain()
    twin = pickle.loads(pickle.dumps(chain))
    assert twin == chain == file_chain()
    assert hash(twin) == hash(chain)
    changed = VoiLut(0, chain.voi_luts[0].table + np.uint16(1), 8, "SOFT")
    assert changed != chain.voi_luts[0]
    assert ModalityLut(0, changed.table, 8, "SOFT") != changed


def test_shading_is_looking_up() -> None:
    values, table = film(), lookup_table(PLAIN, Look())
    assert np.array_equal(shade(values, table), table[values])


def test_export_levels_come_from_the_header_alone() -> None:
    levels = np.arange(1024)
    for slope, inverted, turned in (
        (1.0, False, False),
        (0.3, True, True),
        (-2.0, False, True),
        (-1, True, False),
    ):
        chain = DisplayChain(10, True, -512, Rescale(slope, -7.5), (), (), inverted)
        assert np.array_equal(export_table(chain), levels[::-1] if turned else levels)
    lut = ModalityLut(0, np.array([5, 60000, 7], np.uint16), 16)
    assert list(export_table(DisplayChain(2, False, 0, lut, (), (), False))) == [5, 60000, 7, 7]
    assert list(export_table(DisplayChain(2, False, 0, lut, (), (), True))) == [65530, 5535, 65528, 65528]


def test_pixels_are_bone_bright_and_never_the_window(tmp_path: Path) -> None:
    bright = film()
    ds = dataset(1023 - bright)
    ds.PhotometricInterpretation = "MONOCHROME1"
    with_voi(ds, "LINEAR")
    radiograph = read(save(ds, tmp_path / "a.dcm"))
    assert np.array_equal(radiograph.pixels, bright)
    assert np.array_equal(radiograph.values, 1023 - bright)
    assert radiograph.pixels.dtype == np.uint16
    assert not radiograph.pixels.flags.writeable
    plain = read(save(dataset(bright), tmp_path / "b.dcm"))
    assert plain.pixels is plain.values
