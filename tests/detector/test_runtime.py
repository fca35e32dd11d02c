"""Runtimes that say the same, two scans of a page, and what is kept of what a network says."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from version_samples import make_version, picture

from detector import passes as module
from detector import scan, windows
from detector.detect import Detector, Result
from detector.ensemble import Candidates, combine, select
from detector.errors import DetectorError
from detector.networks.default_boxes import count, decode, default_boxes
from detector.passes import TILE, Pass, passes, passes_count, strips
from detector.runtime import Answer, Network, cores, needed, open_network
from detector.scan import candidates, promising, settled
from detector.version.values import ScanSettings
from detector.versions import Version

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return make_version(tmp_path_factory.mktemp("runtime") / "version", default_scan="whole")


def opened(version: Version, runtime: str, precision: str) -> Network:
    return open_network(version, "ankylosis", runtime=runtime, precision=precision, threads=1)


def seen(height: int = 300, width: int = 300) -> Floats:
    return windows.model_input(windows.half_page(picture(3, (2 * height, 2 * width))))[None]


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_runtimes_say_the_same_in_f32(version: Version, runtime: str) -> None:
    reference, other = opened(version, "onnxruntime", "f32"), opened(version, runtime, "f32")
    for values in (seen(), seen(420, 510)):
        for one, two in zip(reference.run(values), other.run(values), strict=True):
            assert one.dtype == two.dtype == np.float32
            assert np.abs(one - two).max() < 1e-4
    assert reference.runtime.startswith("onnxruntime 1.")
    assert reference.runtime.endswith(" CPU f32")
    assert other.runtime.startswith(f"{runtime} ")


@pytest.mark.parametrize(("runtime", "precision"), [("torch", "bf16"), ("openvino", "int8")])
def test_shorter_numbers_say_nearly_the_same(version: Version, runtime: str, precision: str) -> None:
    reference, other = opened(version, "onnxruntime", "f32"), opened(version, runtime, precision)
    (wanted, _), (found, _) = reference.run(seen()), other.run(seen())
    assert np.abs(found - wanted).max() > 0
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.995
    assert other.runtime.endswith(precision)


def test_bf16_of_openvino_is_there_or_refused(version: Version) -> None:
    from detector.networks.openvino_runtime import openvino

    able = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    try:
        said = opened(version, "openvino", "bf16").runtime
    except DetectorError as error:
        said = error.message
    assert said.endswith("CPU bf16" if able else "This processor does not have bf16.")


@pytest.mark.parametrize(
    ("runtime", "precision", "sentence"),
    [
        ("tensorflow", "f32", 'no runtime "tensorflow". Choose one of onnxruntime, torch, openvino'),
        ("onnxruntime", "bf16", 'onnxruntime has no precision "bf16". Choose f32'),
        ("torch", "int8", 'torch has no precision "int8". Choose f32, bf16'),
    ],
)
def test_what_there_is_not_is_refused(version: Version, runtime: str, precision: str, sentence: str) -> None:
    with pytest.raises(DetectorError, match=sentence):
        Detector(version, runtime=runtime, precision=precision)


@pytest.mark.parametrize(
    ("package", "module", "advice"),
    [
        ("openvino", "detector.networks.openvino_runtime", r"pip install knuckle\[fast\]"),
        ("torch", "detector.networks.torch_runtime", r"pip install knuckle\[train\]"),
        ("onnxruntime", "onnxruntime.capi", "pip install onnxruntime"),
    ],
)
def test_missing_package_is_named(
    version: Version, monkeypatch: pytest.MonkeyPatch, package: str, module: str, advice: str
) -> None:
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DetectorError, match=f"{package} is not installed here.* {advice}"):
        opened(version, package, "f32")


@pytest.mark.parametrize("name", ["windows", "whole"])
def test_result_says_how_it_came_about(version: Version, name: str) -> None:
    pixels = picture(4, (900, 700))
    result = Detector(version, scan=name, threads=1).detect(pixels)
    assert isinstance(result, Result)
    assert (result.scan, result.version, result.version_sha256) == (name, "random", version.sha256)
    assert result.settings == version.scans[name]
    assert result.runtime.startswith("onnxruntime ")
    first, second = result.selected["ankylosis"], result.selected["subluxation"]
    assert (len(first), len(second)) == (20, 18)
    again = combine(first, second)
    assert np.array_equal(again.boxes, result.detections.boxes)
    assert np.array_equal(again.seen_by, result.detections.seen_by)
    for boxes in (first.boxes, second.boxes):
        assert (boxes >= 0).all()
        assert (boxes <= [700, 900, 700, 900]).all()


def test_default_scan_is_that_of_the_version(version: Version) -> None:
    assert Detector(version).scan == "whole"
    with pytest.raises(DetectorError, match=r'There is no scan "rows". Choose one of windows, whole'):
        Detector(version, scan="rows")
    with pytest.raises(DetectorError, match="0 threads are too few"):
        Detector(version, threads=0)


def test_windows_put_together_say_what_each_says(version: Version) -> None:
    pixels = picture(6, (1000, 700))
    network = opened(version, "onnxruntime", "f32")
    boxes, said = [], []
    page = windows.half_page(pixels)
    for one in windows.batches(page):
        scores, offsets = network.run(one.values)
        said.append(scan.softmax(scores[0]))
        boxes.append(2 * (decode(offsets[0], default_boxes(300, 300)) + np.tile(one.origins[0], 2)))
    assert len(boxes) == 6
    limits = np.array([700, 1000, 700, 1000])
    everything = Candidates(np.clip(np.concatenate(boxes), 0, limits), np.concatenate(said))
    wanted = select(everything, t_conf=0.5, top=20)
    found = Detector(version, scan="windows", threads=1).selected(pixels)["ankylosis"]
    assert len(wanted) == 20
    assert np.allclose(found.boxes, wanted.boxes, atol=1e-3)
    assert np.allclose(found.probabilities, wanted.probabilities, atol=1e-5)


def test_tiles_say_what_one_pass_says(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    page = windows.half_page(picture(8, (2600, 4100)))  # 1300 x 2050, one tile will not do
    network = opened(version, "onnxruntime", "f32")
    least = 0.55
    tiled = list(passes(page, "whole", ScanSettings()))
    assert len(tiled) == passes_count(page, "whole", ScanSettings()) == 6
    found = candidates(network, tiled, (2600, 4100), least)
    monkeypatch.setattr(module, "LARGEST_PASS", 10**9)
    (one,) = passes(page, "whole", ScanSettings())
    wanted = candidates(network, [one], (2600, 4100), least)
    assert len(wanted) > 1000
    assert same_boxes(found, wanted, least)


def same_boxes(found: Candidates, wanted: Candidates, least: float) -> bool:
    """But for those at the threshold, and in another order."""
    kept = [one.taken(np.flatnonzero(one.confidence > least + 1e-4)) for one in (found, wanted)]
    rows = [np.round(np.hstack([one.boxes, 1000 * one.probabilities])) for one in kept]
    one, two = (row[np.lexsort(row.T)] for row in rows)
    missing = set(map(tuple, one)) ^ set(map(tuple, two))
    # a number that is rounded up here and down there
    return len(one) == len(two) and len(missing) < 0.02 * len(one)


@pytest.mark.parametrize("length", [300, 1216, 1217, 1300, 1856, 1857, 4000])
def test_cores_of_tiles_cover_a_side_once_and_see_beyond(length: int) -> None:
    found = strips(length)
    assert (found[0][0], found[-1][1]) == (0, length)
    assert (found[0][2], found[-1][3]) == (-math.inf, math.inf)
    for (_, end, _, after), (first, _, begin, _) in pairwise(found):
        assert begin == after
        assert begin - first >= 274 <= end - after
        assert first % 32 == 0
    assert all(268 <= end - first <= TILE for first, end, _, _ in found)


def nods(where: int) -> Network:
    """Is certain of one default box of each input, and says that the joint is exactly there."""

    def run(values: Floats) -> Answer:
        boxes = count(*values.shape[2:])
        scores = np.zeros((len(values), boxes, 3), np.float32)
        scores[:, where] = 0, 9, 0
        return scores, np.zeros((len(values), boxes, 4), np.float32)

    return Network("nods", 1, run)


@pytest.mark.parametrize("shift", [(0, 0), (4, 0), (3, 7)])
def test_box_of_a_moved_page_is_moved_back(shift: tuple[int, int]) -> None:
    page = np.ones((400, 500), np.uint16)
    todo = list(passes(page, "whole", ScanSettings(shifts=(shift,))))
    assert [one.values.shape[2:] for one in todo] == [(400 + shift[1], 500 + shift[0])]
    place = 4 * (20 * len(range(0, 500 + shift[0], 8)) + 30)  # cell 30 of row 20, its first box: 30 x 30
    found = candidates(nods(place), todo, (800, 1000), 0.9)
    x, y = 2 * (8 * 30 + 4 - shift[0]), 2 * (8 * 20 + 4 - shift[1])
    assert found.boxes.tolist() == [[x - 30, y - 30, x + 30, y + 30]]


def test_page_moved_several_times_is_seen_several_times() -> None:
    three = ScanSettings(shifts=((0, 0), (4, 0), (0, 4)))
    page = np.ones((400, 500), np.uint16)
    assert passes_count(page, "whole", three) == len(list(passes(page, "whole", three))) == 3
    assert len(candidates(nods(0), passes(page, "whole", three), (800, 1000), 0.9)) == 3


def test_boxes_end_at_the_edge_of_the_image() -> None:
    found = candidates(
        nods(0), passes(np.ones((400, 500), np.uint16), "whole", ScanSettings()), (799, 999), 0.9
    )
    assert found.boxes.tolist() == [[0, 0, 38, 38]]


def test_probabilities_of_any_scores() -> None:
    scores = np.array([[0, 0, 0], [1000, 0, -1000], [-1, 0, 1]], np.float32)
    powers = np.exp(np.array([-1.0, 0.0, 1.0]))
    wanted = [[1 / 3, 1 / 3, 1 / 3], [1, 0, 0], powers / powers.sum()]
    assert np.allclose(scan.softmax(scores), wanted, atol=1e-7)


LEAST = st.sampled_from([0.0, 1e-7, 0.02, 0.34, 0.5, 0.9, 0.98, 0.9999, 0.9999999, 1.0])


@given(arrays(np.float32, (1, 300, 3), elements=st.floats(-20, 20, width=32)), LEAST)
@settings(max_examples=60, deadline=None)
def test_test_on_scores_takes_nothing_away(scores: Floats, least: float) -> None:
    """What is kept is what a softmax of everything would have kept."""
    full = np.zeros((1, 8732, 3), np.float32)
    full[..., 0] = 50 if least else 0
    full[:, :300] = scores
    offsets = np.zeros((1, 8732, 4), np.float32)
    one = Pass(np.zeros((1, 2), np.int64), np.zeros((1, 1, 300, 300), np.float32), 6)
    wanted = scan.softmax(full[0])
    kept = wanted[:, 1:].max(axis=1) >= np.float32(least)
    found = settled([promising(one, full, offsets, least)], (600, 600), least)
    assert np.array_equal(found.probabilities, wanted[kept])


def test_scores_that_are_no_numbers_are_no_joints() -> None:
    scores = np.full((1, 8732, 3), np.nan, np.float32)
    one = Pass(np.zeros((1, 2), np.int64), np.zeros((1, 1, 300, 300), np.float32), 6)
    assert len(promising(one, scores, np.zeros((1, 8732, 4), np.float32), 0.5).scores) == 0


@pytest.mark.parametrize(("name", "steps"), [("windows", 18), ("whole", 2)])
def test_progress_goes_from_nought_to_one(version: Version, name: str, steps: int) -> None:
    told: list[float] = []
    Detector(version, scan=name, threads=1).detect(picture(2, (1100, 1000)), told.append)
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    assert len(set(told)) == steps + 1


class StoppedError(Exception):
    """Raised by who wants no more."""


def test_progress_ends_the_scan_by_raising(version: Version) -> None:
    told: Iterator[int] = iter(range(3))

    def stop(share: float) -> None:
        if next(told) == 2:
            raise StoppedError

    detector = Detector(version, scan="windows", threads=1)
    with pytest.raises(StoppedError):
        detector.detect(picture(2, (1100, 1000)), stop)
    assert len(detector.detect(picture(2, (1100, 1000))).detections) > 0


def test_more_threads_than_cores_are_all_cores(version: Version) -> None:
    there = cores(10**9)
    assert there is not None
    assert 1 <= there <= (os.cpu_count() or 1)
    assert (cores(None), cores(1), cores(there + 1)) == (None, 1, there)
    for runtime in ("onnxruntime", "torch", "openvino"):
        found = Detector(version, runtime=runtime, threads=100_000).detect(picture(4, (330, 320)))
        assert found.runtime.startswith(runtime)


def test_damaged_file_is_refused_by_a_sentence(version: Version, tmp_path: Path) -> None:
    from detector.runtime import onnx_network

    (tmp_path / "a.onnx").write_bytes(version.graph("ankylosis").read_bytes())  # without its weights
    with pytest.raises(DetectorError, match=r"a\.onnx cannot be used by ONNX Runtime"):
        onnx_network(tmp_path / "a.onnx")
    (tmp_path / "b.onnx").write_bytes(b"nothing")
    with pytest.raises(DetectorError, match=r"b\.onnx cannot be used by ONNX Runtime"):
        onnx_network(tmp_path / "b.onnx")


def test_openvino_tells_nobody_of_its_use(version: Version, tmp_path: Path) -> None:
    script = (
        "import pathlib, threading, numpy, detector\n"
        f"version = detector.load_version(pathlib.Path({str(version.folder)!r}))\n"
        "detector.Detector(version, runtime='openvino', threads=1).detect(numpy.eye(400, dtype='uint16'))\n"
        "print(threading.active_count(), *pathlib.Path.home().iterdir())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("name", ["torch", "torch.nn", None])
def test_a_missing_package_is_told_with_what_to_install(name: str | None) -> None:
    with (
        pytest.raises(DetectorError, match=r"torch is not installed here.*pip install knuckle\[train\]"),
        needed("torch", "train"),
    ):
        raise ImportError("no torch", name=name)


def test_a_fault_of_our_own_is_no_missing_package() -> None:
    with pytest.raises(ImportError, match="no such thing"), needed("torch", "train"):
        raise ImportError("no such thing", name="detector.training")
