"""The ONNX file that goes back through a network, beside torch's own differentiation."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from version_samples import TINY, files, network, picture

from detector.config import Architecture
from detector.errors import DetectorError
from detector.explaining.graph import write_explain_graph
from detector.explaining.onnx_map import by_onnx
from detector.explaining.torch_map import by_torch
from detector.model import SSD300
from detector.networks import layers
from detector.networks.default_boxes import count
from detector.windows import half_page, window_at

Floats = NDArray[np.float32]

NAMES = [layer.name for layer in layers.trunk(TINY)]
ONE_OF_EACH_LEVEL = [count(300, 300, levels) + 1 for levels in range(6)]


def explaining(folder: Path, model: SSD300) -> Path:
    files(folder, model)
    out = folder / "ankylosis.explain.onnx"
    write_explain_graph(model.architecture, folder / "ankylosis.safetensors", out)
    return out


def window() -> Floats:
    return window_at(half_page(picture(size=(640, 620))), np.array([5, 9])).values


def literal(model: SSD300, values: Floats, seeds: Floats) -> dict[str, tuple[Floats, Floats]]:
    """What each layer hands on, and the gradient there, by the book."""
    kept: dict[str, torch.Tensor] = {}
    hooks = [
        part.register_forward_hook(lambda _, __, out, name=name: kept.__setitem__(name, out))
        for name, part in model.trunk.items()
    ]
    scores, _ = model(torch.from_numpy(values))
    for hook in hooks:
        hook.remove()
    gradients = torch.autograd.grad((scores[0] * torch.from_numpy(seeds)).sum(), list(kept.values()))
    return {
        name: (out.detach().numpy()[0], gradient.numpy()[0])
        for (name, out), gradient in zip(kept.items(), gradients, strict=True)
    }


def seeds_at(places: list[int]) -> Floats:
    seeds = np.zeros((count(300, 300), 3), np.float32)
    seeds[places] = [0.5, -0.7, 1]
    return seeds


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch norm"])
def test_goes_back_as_torch_does(tmp_path: Path, batch_norm: bool) -> None:
    model = network(Architecture(0.05, batch_norm))
    both_ways = by_onnx(explaining(tmp_path, model), threads=1)
    values, seeds = window(), seeds_at([*ONE_OF_EACH_LEVEL, 2802, 6400])
    wanted = literal(model, values, seeds)
    assert list(wanted) == NAMES
    for name in NAMES[NAMES.index("conv4_3") :]:
        handed, gradients = wanted[name]
        found_handed, found_gradients = both_ways.back(values, seeds, name)
        assert np.abs(found_handed - handed).max() < 1e-4 * np.abs(handed).max(), name
        assert np.abs(found_gradients - gradients).max() < 1e-4 * np.abs(gradients).max(), name


@pytest.mark.parametrize("level", range(6))
def test_a_layer_is_reached_only_from_the_levels_behind_it(tmp_path: Path, level: int) -> None:
    model = network()
    seeds = seeds_at([ONE_OF_EACH_LEVEL[level]])
    seen = NAMES.index(layers.SOURCES[level])
    for both_ways in (by_onnx(explaining(tmp_path, model), threads=1), by_torch(model)):
        for place, name in enumerate(NAMES):
            if name in ("conv4_3", "pool4", "conv7", "conv8_1", "conv8_2", "conv11_2"):
                _, gradients = both_ways.back(window(), seeds, name)
                assert gradients.any() == (place <= seen), (both_ways.runtime, name)


def test_goes_forward_as_the_network_does(tmp_path: Path) -> None:
    model = network()
    file = explaining(tmp_path, model)
    session = onnxruntime.InferenceSession(tmp_path / "ankylosis.onnx", providers=["CPUExecutionProvider"])
    wanted_scores, wanted_offsets = session.run(["scores", "offsets"], {"values": window()})
    for both_ways in (by_onnx(file, threads=1), by_torch(model)):
        scores, offsets = both_ways.forward(window())
        assert np.abs(scores - wanted_scores[0]).max() < 1e-4
        assert np.abs(offsets - wanted_offsets[0]).max() < 1e-4


def test_black_window_can_be_explained(tmp_path: Path) -> None:
    """Where a rectifier lets nothing through, masks are nought everywhere."""
    model = network()
    model.trunk["conv5_1"][0].bias.data.fill_(-1e6)
    both_ways = by_onnx(explaining(tmp_path, model), threads=1)
    seeds = seeds_at([ONE_OF_EACH_LEVEL[2]])
    assert not both_ways.back(window(), seeds, "conv5_1")[0].any()
    assert both_ways.back(window(), seeds, "conv5_1")[1].any()
    assert not both_ways.back(window(), seeds, "pool4")[1].any()


def test_layers_before_the_first_head_are_left_to_torch(tmp_path: Path) -> None:
    model, seeds = network(), seeds_at(ONE_OF_EACH_LEVEL)
    by_file = by_onnx(explaining(tmp_path, model), threads=1)
    wanted = literal(model, window(), seeds)
    for name in ("conv1_1", "pool3", "conv4_2"):
        with pytest.raises(DetectorError, match=rf"^{name} lies before conv4_3, .*pip install knuckle"):
            by_file.back(window(), seeds, name)
        for found, one in zip(by_torch(model).back(window(), seeds, name), wanted[name], strict=True):
            assert np.abs(found - one).max() < 1e-5 * np.abs(one).max()


def test_explaining_by_torch_leaves_the_network_as_it_was() -> None:
    model = network()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    by_torch(model).back(window(), seeds_at(ONE_OF_EACH_LEVEL), "conv4_3")
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())


def test_holds_no_weights_and_is_the_same_every_time(tmp_path: Path) -> None:
    file = explaining(tmp_path, network(Architecture(0.1, batch_norm=True)))
    first = file.read_bytes()
    assert len(first) < 60_000
    assert explaining(tmp_path, network(Architecture(0.1, batch_norm=True))).read_bytes() == first


def test_files_in_two_folders_and_other_weights_are_refused(tmp_path: Path) -> None:
    file = explaining(tmp_path, network())
    weights = tmp_path / "ankylosis.safetensors"
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match="its own folder"):
        write_explain_graph(TINY, weights, tmp_path / "other" / file.name)
    with pytest.raises(DetectorError, match="which is no weight"):
        write_explain_graph(Architecture(0.05, batch_norm=True), weights, file)


@pytest.mark.parametrize(
    ("data", "words"),
    [(None, r"has no a\.explain\.onnx\. Explain by torch"), (b"once", r"a\.explain\.onnx cannot be used")],
)
def test_a_file_of_no_use_is_told(tmp_path: Path, data: bytes | None, words: str) -> None:
    file = tmp_path / "a.explain.onnx"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(DetectorError, match=words):
        by_onnx(file)
