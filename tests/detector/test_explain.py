"""Where a detector found its reasons, beside Grad-CAM written down a second time."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional
from version_samples import TINY, make_version, picture

from detector.boxes import overlaps
from detector.classes import CLASSES
from detector.config import Architecture
from detector.ensemble import Candidates
from detector.errors import DetectorError
from detector.explain import LAYERS, Explanation, explain, explain_window, spokesman
from detector.explaining import heat
from detector.explaining.graph import write_explain_graph
from detector.explaining.onnx_map import NAMES
from detector.model import SSD300
from detector.networks import layers
from detector.networks.default_boxes import count, decode, default_boxes
from detector.networks.layers import Pool
from detector.networks.weights import model_from, save_weights
from detector.versions import Version
from detector.windows import half_page

ROOT = Path(__file__).parents[2]
Floats = NDArray[np.float32]

PIXELS = picture(3, size=(901, 1000))
BOX = (421.0, 377.0, 543.0, 487.0)
CORNER = (91, 66)  # page pixels: the middle of the box less 150
INSIDE = np.s_[132:732, 182:782]  # rows, columns of the image


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return make_version(tmp_path_factory.mktemp("plain") / "version")


@pytest.fixture(scope="module")
def normalised(tmp_path_factory: pytest.TempPathFactory) -> Version:
    folder = tmp_path_factory.mktemp("normalised") / "version"
    return make_version(folder, architecture=Architecture(0.05, batch_norm=True))


class Literal:
    """Grad-CAM by hooks and torch.autograd.grad, box by box and number by number."""

    def __init__(self, model: SSD300) -> None:
        x, y = CORNER
        self.model = model
        window = half_page(PIXELS)[y : y + 300, x : x + 300] / np.float32(65535)
        self.values = torch.from_numpy(window[None, None])
        scores, offsets = model(self.values)
        boxes = decode(offsets[0].detach().numpy(), default_boxes(300, 300))
        self.boxes = (boxes + np.float32([x, y, x, y])) * 2
        self.probabilities = torch.softmax(scores[0], 1).detach().numpy()

    def spokesman(self, first: int) -> int:
        shares = overlaps(self.boxes, np.array([BOX]))[:, 0].tolist()
        sure = self.probabilities[:, 1:].max(axis=1)
        same = [place for place in range(first, len(shares)) if shares[place] > 0.45]
        if same:
            return max(same, key=lambda place: sure[place])
        return max(range(first, len(shares)), key=shares.__getitem__)

    def map(self, layer: str, seeds: Floats, method: str) -> Floats:
        kept: list[torch.Tensor] = []
        hook = self.model.trunk[layer].register_forward_hook(lambda _, __, out: kept.append(out))
        scores, _ = self.model(self.values)
        hook.remove()
        (gradient,) = torch.autograd.grad((scores[0] * torch.from_numpy(seeds)).sum(), kept)
        activations = kept[0].detach()[0].double()
        if method == "layercam":
            return torch.relu(
                torch.einsum("khw,khw->hw", activations, gradient[0].double().clamp(min=0))
            ).numpy()
        alpha = [float(one.double().sum() / one.numel()) for one in gradient[0]]  # Eq. 6
        mixed = sum(weight * channel for weight, channel in zip(alpha, activations, strict=True))
        return torch.relu(torch.as_tensor(mixed)).numpy()  # Eq. 7

    def heat(self, layer: str, seeds: Floats, method: str = "grad-cam") -> Floats:
        """Spread over the image's pixels line by line, and divided by its largest."""
        cells = self.map(layer, seeds, method)
        first, stride = heat.raster(layer)
        middles = first + stride * np.arange(len(cells))
        page = (np.arange(600) + 0.5) / 2
        across = np.array([np.interp(page, middles, row) for row in cells])
        both = np.array([np.interp(page, middles, column) for column in across.T]).T
        found = np.zeros(PIXELS.shape)
        found[INSIDE] = both
        return (found / found.max() if found.any() else found).astype(np.float32)


def one_hot(place: int | NDArray[np.intp], class_: str) -> Floats:
    seeds = np.zeros((count(300, 300), 3), np.float32)
    seeds[place, CLASSES.index(class_)] = 1
    return seeds


FIRST = {"conv4_3": 0, "pool4": 1, "conv7": 1, "conv8_1": 2, "conv9_2": 3}
"""The first level that looks through a layer."""


@pytest.mark.parametrize("version", ["plain", "normalised"])
@pytest.mark.parametrize("runtime", ["onnxruntime", "torch"])
@pytest.mark.parametrize("layer", FIRST)
def test_map_is_that_of_grad_cam_written_out(
    version: str, runtime: str, layer: str, request: pytest.FixtureRequest
) -> None:
    opened: Version = request.getfixturevalue(version)
    literal = Literal(model_from(opened, "subluxation"))
    found = explain(opened, "subluxation", PIXELS, BOX, class_="present", layer=layer, runtime=runtime)
    place = literal.spokesman(count(300, 300, FIRST[layer]))
    wanted = literal.heat(layer, one_hot(place, "present"))
    assert wanted.max() == 1
    assert found.heat.dtype == np.float32
    assert np.abs(found.heat - wanted).max() < 1e-4
    assert (found.layer, found.finding, found.class_) == (layer, "subluxation", "present")
    assert found.runtime.startswith(f"{runtime} ")
    assert np.abs(found.probabilities - literal.probabilities[place]).max() < 1e-5
    assert np.abs(found.default_box - literal.boxes[place]).max() < 0.01
    assert found.overlap == pytest.approx(overlaps(literal.boxes[[place]], np.array([BOX]))[0, 0], abs=1e-4)
    assert found.window.tolist() == [182, 132, 782, 732]


@pytest.mark.parametrize("runtime", ["onnxruntime", "torch"])
def test_method_without_the_mean(plain: Version, runtime: str) -> None:
    literal = Literal(model_from(plain, "ankylosis"))
    asked: dict[str, Any] = {"class_": "present", "runtime": runtime, "method": "layercam"}
    for layer in ("conv4_3", "conv7"):
        found = explain(plain, "ankylosis", PIXELS, BOX, layer=layer, **asked)
        place = literal.spokesman(count(300, 300, FIRST[layer]))
        wanted = literal.heat(layer, one_hot(place, "present"), "layercam")
        assert wanted.max() == 1
        assert np.abs(found.heat - wanted).max() < 1e-4
        assert found.method == "layercam"
    assert np.count_nonzero(found.heat) <= 128 * 128  # three cells of 32 pixels, and the way to the next


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("class_", ["absent", "present"])
def test_map_of_a_whole_window_is_that_of_all_its_boxes(plain: Version, layer: str, class_: str) -> None:
    literal = Literal(model_from(plain, "ankylosis"))
    found = explain_window(plain, "ankylosis", PIXELS, BOX, class_=class_, layer=layer)
    places = np.flatnonzero(literal.probabilities.argmax(axis=1) == CLASSES.index(class_))
    places = places[places >= count(300, 300, FIRST[layer])]
    assert len(found.default_boxes) == len(found.probabilities) == len(places) > 0
    assert np.abs(found.default_boxes - literal.boxes[places]).max() < 0.01
    assert np.abs(found.heat - literal.heat(layer, one_hot(places, class_))).max() < 1e-4


def test_window_in_which_no_box_says_a_class_has_an_empty_map(plain: Version, tmp_path: Path) -> None:
    model = model_from(plain, "ankylosis")
    for name, head in model.heads.items():
        if name.endswith("_scores"):
            head.bias.data[CLASSES.index("present") :: 3] = -1e4
    save_weights(model, tmp_path / "ankylosis.safetensors")
    write_explain_graph(TINY, tmp_path / "ankylosis.safetensors", tmp_path / "ankylosis.explain.onnx")
    never = dataclasses.replace(plain, folder=tmp_path)
    found = explain_window(never, "ankylosis", PIXELS, BOX, class_="present")
    assert found.default_boxes.shape == (0, 4)
    assert found.probabilities.shape == (0, 3)
    assert found.heat.shape == PIXELS.shape
    assert not found.heat.any()
    assert explain_window(never, "ankylosis", PIXELS, BOX).class_ == "absent"


def test_explains_the_predicted_class_unless_told_another(plain: Version) -> None:
    literal = Literal(model_from(plain, "ankylosis"))
    said = literal.probabilities[literal.spokesman(0)]
    wanted = "present" if said[2] > said[1] else "absent"
    other = "absent" if wanted == "present" else "present"
    for layer in LAYERS:  # what is explained is one class, at whatever layer
        found = explain(plain, "ankylosis", PIXELS, BOX, layer=layer)
        assert found.class_ == wanted
        told = explain(plain, "ankylosis", PIXELS, BOX, layer=layer, class_=wanted)
        assert np.array_equal(found.heat, told.heat)
        against = explain(plain, "ankylosis", PIXELS, BOX, layer=layer, class_=other)
        assert not np.array_equal(found.heat, against.heat)


def test_most_confident_box_of_the_same_joint_is_explained() -> None:
    boxes = np.array(
        [[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 8], [0, 0, 10, 8], [0, 0, 10, 4], [0, 6, 10, 36]],
        np.float32,
    )
    sure = [0.1, 0.6, 0.6, 0.7, 0.9, 0.99]
    told = Candidates(boxes, [[1 - one, one, 0] for one in sure])
    box = np.array([0, 0, 10, 10], np.float32)
    assert spokesman(told, box, 0) == (3, pytest.approx(0.8))
    assert spokesman(told.taken(np.arange(3)), box, 0) == (1, pytest.approx(0.9))  # the nearer of equals
    assert spokesman(told, box, 4) == (4, pytest.approx(0.4))  # none is the same joint
    assert spokesman(told, box, 5) == (5, pytest.approx(4 / 36))
    with pytest.raises(DetectorError, match="Take an earlier layer"):
        spokesman(told, np.array([50, 50, 60, 60], np.float32), 0)


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ((901, 1000), (0, 0, 60, 70)),
        ((901, 1000), (930, 850, 1040, 950)),
        ((901, 1000), (-60, 400, 60, 500)),
        ((333, 1000), (700, 100, 800, 190)),
        ((41, 57), (10, 10, 30, 30)),
        ((1, 1), (0, 0, 1, 1)),
    ],
)
@pytest.mark.parametrize("layer", ["conv4_3", "conv7"])
def test_map_lies_in_the_window_and_goes_from_0_to_1(
    plain: Version, shape: tuple[int, int], box: tuple[float, ...], layer: str
) -> None:
    found = explain(
        plain, "ankylosis", np.ascontiguousarray(PIXELS[: shape[0], : shape[1]]), box, layer=layer
    )
    assert found.heat.shape == shape
    assert found.heat.min() >= 0
    assert found.heat.max() in (0, 1)
    x0, y0, x1, y1 = found.window.astype(int)
    assert (x1 - x0, y1 - y0) == (600, 600)
    outside = found.heat.copy()
    outside[y0:y1, x0:x1] = 0
    assert not outside.any()
    rows, columns = shape
    # beyond the page it looks only where the page is smaller than a window
    assert x0 == 0 or x1 <= columns + 1
    assert y0 == 0 or y1 <= rows + 1


@pytest.mark.parametrize("layer", NAMES)
def test_a_cell_s_place_is_the_middle_of_what_it_sees(layer: str) -> None:
    """A side of the network with kernels of ones and means for largest values: whatever a cell depends on,
    it depends on alike on both sides of its middle."""
    page = torch.zeros(1, 1, 2048, requires_grad=True)
    values = page
    for one in layers.trunk(TINY):
        if isinstance(one, Pool):
            values = functional.avg_pool1d(values, one.kernel, one.stride, one.padding, one.ceil)
        else:
            ones = torch.ones(1, 1, one.kernel)
            values = functional.conv1d(values, ones, None, one.stride, one.padding, one.dilation)
        if one.name == layer:
            break
    cell = values.shape[-1] // 2
    (share,) = torch.autograd.grad(values[0, 0, cell], page)
    seen = share[0, 0].double().numpy()
    assert seen[0] == seen[-1] == 0
    middle = float((seen * (np.arange(2048) + 0.5)).sum() / seen.sum())
    first, stride = heat.raster(layer)
    assert first + stride * cell == pytest.approx(middle)


def test_a_single_cell_is_shown_where_it_sees() -> None:
    cells = np.zeros((19, 19), np.float32)
    cells[4, 11] = 3
    found = heat.to_pixels(cells, "conv7", np.array([100, 50]), (901, 1000))
    rows, columns = np.nonzero(found)
    page_x, page_y = 100 + 8 + 16 * 11, 50 + 8 + 16 * 4
    assert found.max() == 1
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == (2 * page_y, 2 * page_x)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (64, 64)
    assert not heat.to_pixels(cells * 0, "conv7", np.array([0, 0]), (40, 30)).any()


def test_only_what_speaks_for_a_class_is_shown() -> None:
    activations = np.array([[[1, 2], [0, 4]], [[1, 0], [3, 1]]], np.float32)
    gradients = np.array([[[4, 0], [0, 0]], [[-4, -4], [0, 0]]], np.float32)
    # weights 1 and -2
    assert heat.grad_cam(activations, gradients).tolist() == [[0, 2], [0, 2]]
    assert heat.layer_cam(activations, gradients).tolist() == [[4, 0], [0, 0]]
    assert heat.layer_cam(activations, -gradients).tolist() == [[4, 0], [0, 0]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer": "conv12"}, '"conv12" is no layer that can be explained. Choose one of conv1_1, '),
        ({"class_": "background"}, '"background" is no class that can be explained. Choose one of absent, '),
        ({"method": "lime"}, '"lime" is no method of explaining. Choose one of grad-cam, layercam.'),
        ({"finding": "erosion"}, 'no detector of "erosion". It has ankylosis and subluxation.'),
        ({"runtime": "openvino"}, '"openvino" explains nothing. Choose one of onnxruntime, torch.'),
        ({"box": (10, 10, 10, 20)}, "The box to explain is no box."),
        ({"box": (10, 10, float("nan"), 20)}, "The box to explain is no box."),
        ({"box": (10, 10, 20)}, "The box to explain is no box."),
        ({"box": (1000, 10, 1020, 20)}, "lies outside the image. The image has 1000 x 901 pixels."),
        ({"pixels": PIXELS.astype(np.float32)}, "must be an array of uint16, not float32."),
    ],
)
def test_what_makes_no_sense_is_refused(plain: Version, change: dict[str, object], words: str) -> None:
    asked: dict[str, object] = {"finding": "ankylosis", "pixels": PIXELS, "box": BOX} | change
    for explaining in (explain, explain_window):
        with pytest.raises(DetectorError) as refused:
            explaining(plain, **asked)  # type: ignore[arg-type]  # wrong on purpose
        assert words in str(refused.value)


def test_version_without_the_way_back_is_explained_by_torch_alone(plain: Version, tmp_path: Path) -> None:
    for name in ("ankylosis.safetensors", "ankylosis.onnx"):
        (tmp_path / name).write_bytes((plain.folder / name).read_bytes())
    without = dataclasses.replace(plain, folder=tmp_path)
    with pytest.raises(
        DetectorError, match=r"The version has no ankylosis\.explain\.onnx\. Explain by torch"
    ):
        explain(without, "ankylosis", PIXELS, BOX)
    found: Explanation = explain(without, "ankylosis", PIXELS, BOX, runtime="torch")
    assert np.abs(found.heat - explain(plain, "ankylosis", PIXELS, BOX).heat).max() < 1e-4


WITHOUT_TORCH = """
import sys
from pathlib import Path
import numpy as np
for name in ("torch", "torchvision", "onnx"):
    sys.modules[name] = None
from detector.errors import DetectorError
from detector.explain import explain
from detector.versions import load_version
version, pixels = load_version(Path(sys.argv[1])), np.load(sys.argv[2])
box = [float(word) for word in sys.argv[4:]]
np.save(sys.argv[3], explain(version, "ankylosis", pixels, box).heat)
try:
    explain(version, "ankylosis", pixels, box, runtime="torch")
except DetectorError as error:
    print(error)
"""


def test_torch_is_not_needed(plain: Version, tmp_path: Path) -> None:
    np.save(tmp_path / "pixels.npy", PIXELS)
    words = [plain.folder, tmp_path / "pixels.npy", tmp_path / "heat.npy", *BOX]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "torch is not installed here, or cannot be loaded. Install it with: pip install knuckle[train].\n"
    )
    wanted = explain(plain, "ankylosis", PIXELS, BOX, runtime="torch").heat
    assert np.abs(np.load(tmp_path / "heat.npy") - wanted).max() < 1e-4
