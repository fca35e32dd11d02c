"""The ONNX file that is written from the table of layers, beside the network in torch."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from version_samples import TINY, files, network

from detector.config import Architecture
from detector.errors import DetectorError
from detector.networks import graph, layers, stored
from detector.networks.default_boxes import count
from detector.networks.weights import load_weights, save_weights

Arrays = list[NDArray[np.float32]]


def page(height: int, width: int, count: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(1).random((count, 1, height, width), dtype=np.float32)


def run(file: Path, values: NDArray[np.float32], outputs: list[str] | None = None) -> Arrays:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    found: Arrays = session.run(outputs, {"values": values})
    return found


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch norm"])
def test_same_scores_and_offsets_as_torch(tmp_path: Path, batch_norm: bool) -> None:
    model = network(Architecture(0.05, batch_norm))
    file = files(tmp_path, model)
    for values in (page(300, 300, 2), page(835, 1005), page(268, 301)):
        with torch.inference_mode():
            scores, offsets = model(torch.from_numpy(values))
        found_scores, found_offsets = run(file, values)
        boxes = count(*values.shape[2:])
        assert found_scores.shape == (len(values), boxes, 3)
        assert found_offsets.shape == (len(values), boxes, 4)
        assert np.abs(found_scores - scores.numpy()).max() < 1e-4
        assert np.abs(found_offsets - offsets.numpy()).max() < 1e-4
        assert found_scores.std() > 0.1


def test_black_window_has_scores(tmp_path: Path) -> None:
    """Where a rectifier lets nothing through, the length that is divided by is nought."""
    model = network()
    model.trunk["conv4_3"][0].bias.data.fill_(-1e6)
    values = np.zeros((1, 1, 300, 300), np.float32)
    with torch.inference_mode():
        scores, _ = model(torch.from_numpy(values))
    found, _ = run(files(tmp_path, model), values)
    assert np.isfinite(found).all()
    assert np.abs(found - scores.numpy()).max() < 1e-4


def test_weights_are_stored_once(tmp_path: Path) -> None:
    file = files(tmp_path, network(Architecture(0.1, batch_norm=True)))
    weights = tmp_path / "ankylosis.safetensors"
    assert file.stat().st_size < 40_000 < weights.stat().st_size
    kept = load_file(weights)
    (tmp_path / "elsewhere").mkdir()
    model = onnx.load(file)  # with what it refers to
    held = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    assert kept.keys() == stored.shapes(Architecture(0.1, batch_norm=True)).keys()
    for name, values in kept.items():
        assert np.array_equal(held[name].reshape(values.shape), values.numpy())


def test_layers_can_be_asked_for_by_name(tmp_path: Path) -> None:
    """What explains a network builds on these names."""
    model = network()
    file = files(tmp_path, model)
    named = onnx.load(file)
    names = [layer.name for layer in layers.trunk(TINY)] + [
        head.name for pair in layers.heads(TINY) for head in pair
    ]
    for name in names:
        named.graph.output.append(graph.floats(name, "n", name, f"rows of {name}", f"columns of {name}"))
    (tmp_path / "named.onnx").write_bytes(named.SerializeToString())
    seen: dict[str, torch.Tensor] = {}
    model.forward(torch.from_numpy(page(300, 300)), seen.setdefault)
    found = dict(zip(names, run(tmp_path / "named.onnx", page(300, 300), names), strict=True))
    assert found["conv7"].shape == (1, TINY.channels(1024), 19, 19)
    assert found["conv4_3_scores"].shape == (1, 12, 38, 38)
    for name, values in seen.items():
        assert np.allclose(found[name], values.detach().numpy(), atol=1e-4, rtol=1e-3), name


def test_same_weights_same_bytes(tmp_path: Path) -> None:
    first = files(tmp_path, network()).read_bytes()
    assert files(tmp_path, network()).read_bytes() == first


def test_weights_come_back_whatever_they_were_kept_in(tmp_path: Path) -> None:
    model = network(Architecture(0.05, batch_norm=True)).to(memory_format=torch.channels_last)
    save_weights(model, tmp_path / "a.safetensors")
    again = load_weights(tmp_path / "a.safetensors", model.architecture)
    assert not again.training
    values = torch.from_numpy(page(300, 300))
    with torch.inference_mode():
        assert torch.allclose(again(values)[0], model(values)[0], atol=1e-5)
    save_weights(again, tmp_path / "b.safetensors")
    assert (tmp_path / "b.safetensors").read_bytes() == (tmp_path / "a.safetensors").read_bytes()


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_weights(network(), tmp_path / "a.safetensors")
    with pytest.raises(DetectorError, match=r"trunk\.conv1_1.* not \[8, 3, 3, 3\]"):
        graph.write_graph(Architecture(0.1), tmp_path / "a.safetensors", tmp_path / "a.onnx")
    with pytest.raises(DetectorError, match="which is no weight of the network"):
        load_weights(tmp_path / "a.safetensors", Architecture(0.05, batch_norm=True))
    assert not (tmp_path / "a.onnx").exists()


def test_files_in_two_folders_are_refused(tmp_path: Path) -> None:
    save_weights(network(), tmp_path / "a.safetensors")
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match="its own folder"):
        graph.write_graph(TINY, tmp_path / "a.safetensors", tmp_path / "other" / "a.onnx")


@pytest.mark.parametrize("fault", ["infinity", "a number more", "half precision", "cut", "empty", "text"])
def test_spoilt_weights_are_refused(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(network(), path)
    state = load_file(path)
    if fault == "infinity":
        state["scale"][3] = float("inf")
    elif fault == "a number more":
        state["more"] = state["scale"]
    elif fault == "half precision":
        state["scale"] = state["scale"].half()
    save_file({name: values.clone() for name, values in state.items()}, path)
    data = path.read_bytes()
    path.write_bytes({"cut": data[:-4], "empty": b"", "text": b"once upon a time"}.get(fault, data))
    with pytest.raises(DetectorError) as refused:
        load_weights(path, TINY)
    assert str(refused.value).startswith(("a.safetensors ", "scale in a.safetensors "))
    assert refused.value.advice
