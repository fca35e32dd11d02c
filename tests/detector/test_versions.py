"""Versions on disk: written whole, read with distrust, and each wrong one refused with a sentence."""

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from version_samples import TINY, make_version, network, picture
from version_spoiling import edit, redraw, rehash, reweigh

from detector import png
from detector.config import Architecture
from detector.detect import Detector
from detector.errors import DetectorError
from detector.explain import explain
from detector.networks.weights import model_from, save_weights
from detector.shipped import shipped_version
from detector.version import golden, record
from detector.version.values import explaining_file, needed_files
from detector.versions import ScanSettings, Version, load_version, verify_version, write_version

ROOT = Path(__file__).parents[2]
Spoil = Callable[[Path], object]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return make_version(tmp_path_factory.mktemp("sound") / "version")


@pytest.fixture
def folder(sound: Version, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(sound.folder, tmp_path / "見本 version"))


def test_written_version_is_read_as_it_was_meant(sound: Version) -> None:
    found = load_version(sound.folder)
    assert found == sound
    assert (found.name, found.architecture, found.findings) == ("random", TINY, ("ankylosis", "subluxation"))
    assert found.scans["whole"].t_conf == 0.5
    assert found.default_runtime == ("onnxruntime", "f32")
    assert set(found.files) == {*needed_files(found.findings), *map(explaining_file, found.findings)}
    assert found.software["torch"] == torch.__version__.partition("+")[0]
    assert found.card.startswith("# Random")
    assert found.sha256 == hashlib.sha256((sound.folder / "version.json").read_bytes()).hexdigest()


def test_text_of_a_version_comes_back(sound: Version) -> None:
    other = dataclasses.replace(
        sound,
        scans={"windows": ScanSettings(), "whole": ScanSettings(0.42, shifts=((0, 0), (4, 0), (0, 4)))},
        default_scan="whole",
        default_runtime=("openvino", "int8"),
        architecture=Architecture(0.5, batch_norm=True),
        folds={"held out": [1], "件": "五"},
    )
    text = record.record_text(other)
    again = record.parse(text.encode(), sound.folder)
    assert dataclasses.replace(again, sha256=sound.sha256) == other
    assert record.record_text(again) == text


def test_sound_version_passes(sound: Version) -> None:
    assert verify_version(sound.folder) == sound
    said = json.loads((sound.folder / "golden.json").read_text("utf-8"))
    assert len(said["boxes"]["ankylosis"]) == 20
    assert len(said["numbers"]["subluxation"]) == golden.ROWS


def test_other_rounding_passes(folder: Path) -> None:
    reweigh(folder, lambda found: found["scale"].mul_(1 + 1e-6))
    verify_version(folder)


def test_copied_version_is_the_same_version(sound: Version, folder: Path) -> None:
    assert load_version(folder).sha256 == sound.sha256


def test_weights_go_into_torch_and_back(sound: Version, tmp_path: Path) -> None:
    model = model_from(sound, "subluxation")
    for name, values in network(TINY, 1).state_dict().items():
        assert torch.equal(model.state_dict()[name], values)
    save_weights(model, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == sound.weights("subluxation").read_bytes()


def test_one_detector_alone_is_a_version(tmp_path: Path) -> None:
    version = make_version(tmp_path / "one", findings=("subluxation",))
    assert verify_version(version.folder).findings == ("subluxation",)
    assert not version.complete
    found = Detector(version, threads=1).selected(picture(5))
    assert found.keys() == {"subluxation"}
    assert len(found["subluxation"]) > 0
    with pytest.raises(DetectorError, match="holds the detector of subluxation alone"):
        Detector(version).detect(picture(5))
    with pytest.raises(DetectorError, match="holds no detector of ankylosis"):
        model_from(version, "ankylosis")


def test_two_versions_of_one_detector_make_one_of_both(tmp_path: Path) -> None:
    parts = [make_version(tmp_path / one, findings=(one,)) for one in ("ankylosis", "subluxation")]
    models = {one.findings[0]: one.weights(one.findings[0]) for one in parts}
    both = write_version(
        tmp_path / "both", name="both", architecture=TINY, models=models, card="", image=picture()
    )
    assert verify_version(both.folder).complete


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def pickle(folder: Path) -> None:
    torch.save({"scale": torch.ones(3)}, folder / "ankylosis.safetensors")
    rehash(folder)


def link(path: Path) -> None:
    kept = path.with_name("kept.md")
    path.rename(kept)
    path.symlink_to(kept)


def elsewhere(value: str, key: str = "location") -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        for entry in model.graph.initializer[0].external_data:
            if entry.key == key:
                entry.value = value

    return change


def unknown_weight(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].name = "more"


def subgraph(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("g", onnx.GraphProto(name="inner")))


def own_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "elsewhere"


FAULTS: dict[str, tuple[Spoil, str]] = {
    "a file less": (lambda f: (f / "subluxation.onnx").unlink(), "lacks subluxation.onnx"),
    "no record": (lambda f: (f / "version.json").unlink(), "it holds no version.json"),
    "weights changed": (lambda f: flip(f / "ankylosis.safetensors"), "ankylosis.safetensors .* has changed"),
    "card changed": (lambda f: (f / "card.md").write_text("Never fails."), "card.md .* has changed"),
    "a pickle for weights": (pickle, r"ankylosis\.safetensors is no safetensors file"),
    "a release": (
        lambda f: edit(f, lambda v: v.update(format="knuckle-release")),
        "no version of a detector",
    ),
    "of next year": (
        lambda f: edit(f, lambda v: v.update(version=2)),
        "has the format version 2; 1 can be read",
    ),
    "version true": (lambda f: edit(f, lambda v: v.update(version=True)), "has the format version True"),
    "other classes": (
        lambda f: edit(f, lambda v: v.update(classes=["background", "present", "absent"])),
        "tells background, present, absent apart, not background, absent, present",
    ),
    "other width": (
        lambda f: edit(f, lambda v: v["architecture"].update(width=0.1)),
        r"is \[4, 3, 3, 3\], not",
    ),
    "norm": (
        lambda f: edit(f, lambda v: v["architecture"].update(batch_norm=True)),
        "of the network it is said",
    ),
    "path upwards": (
        lambda f: edit(f, lambda v: v["files"].update({"../card.md": "0" * 64})),
        "no file of a",
    ),
    "path elsewhere": (
        lambda f: edit(f, lambda v: v["files"].update({"/etc/passwd": "0" * 64})),
        "no file of a",
    ),
    "not named": (lambda f: edit(f, lambda v: v["files"].pop("card.md")), "does not name card.md"),
    "no hash": (lambda f: edit(f, lambda v: v["files"].update({"card.md": "abc"})), "should be: .*, files"),
    "a field more": (lambda f: edit(f, lambda v: v.update(more=1)), "should be: version.json, more"),
    "a field less": (lambda f: edit(f, lambda v: v.pop("scans")), "should be: version.json, scans"),
    "a scan less": (lambda f: edit(f, lambda v: v["scans"].pop("whole")), "should be: version.json, scans"),
    "confidence": (
        lambda f: edit(f, lambda v: v["scans"]["whole"].update(t_conf=2)),
        "should be: whole, t_conf",
    ),
    "many boxes": (
        lambda f: edit(f, lambda v: v["scans"]["whole"]["top"].update(ankylosis=10**9)),
        "whole, top",
    ),
    "far shift": (
        lambda f: edit(f, lambda v: v["scans"]["whole"].update(shifts=[[0, 999]])),
        "whole, shifts",
    ),
    "findings": (lambda f: edit(f, lambda v: v.update(findings=["fracture"])), "version.json, findings"),
    "runtime": (lambda f: edit(f, lambda v: v["default_runtime"].update(name="torch2")), "default_runtime"),
    "not a number": (lambda f: (f / "version.json").write_text('{"format": NaN}'), "NaN is no number"),
    "twice": (lambda f: (f / "version.json").write_text('{"format": 1, "format": 1}'), "stands there twice"),
    "deep": (lambda f: (f / "version.json").write_text("[" * 100_000), "version.json cannot be read"),
    "bytes": (lambda f: (f / "version.json").write_bytes(b"\xff\xfe"), "version.json cannot be read"),
    "a list": (lambda f: (f / "version.json").write_text("[]"), "version.json cannot be read"),
    "a link": (lambda f: link(f / "card.md"), "card.md in .* is no plain file"),
    "a folder": (
        lambda f: ((f / "card.md").unlink(), (f / "card.md").mkdir()),
        "card.md in .* is no plain file",
    ),
    "weights from above": (
        lambda f: redraw(f, elsewhere("../ankylosis.safetensors")),
        "not taken from its place",
    ),
    "weights from the system": (lambda f: redraw(f, elsewhere("/etc/passwd")), "not taken from its place"),
    "of the other detector": (
        lambda f: redraw(f, elsewhere("subluxation.safetensors")),
        "ankylosis.onnx is no network of a version",
    ),
    "other offset": (lambda f: redraw(f, elsewhere("64", key="offset")), "not taken from its place"),
    "unknown weight": (lambda f: redraw(f, unknown_weight), "no weight is called more"),
    "subgraph": (lambda f: redraw(f, subgraph), "holds field 6"),
    "own operator": (lambda f: redraw(f, own_operator), "holds field 7"),
    "other opset": (
        lambda f: redraw(f, lambda m: m.opset_import.add(domain="x", version=1)),
        "another domain",
    ),
    "own function": (lambda f: redraw(f, lambda m: m.functions.add(name="x")), "holds field 25"),
    "no network": (
        lambda f: ((f / "ankylosis.onnx").write_bytes(b"no network"), rehash(f)),
        "no network of a version",
    ),
    "empty network": (
        lambda f: ((f / "ankylosis.onnx").write_bytes(b""), rehash(f)),
        "no network of a version",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_version_is_refused_with_a_sentence(folder: Path, fault: str) -> None:
    spoil, sentence = FAULTS[fault]
    spoil(folder)
    with pytest.raises(DetectorError, match=sentence) as refused:
        load_version(folder)
    assert refused.value.message.endswith(".")
    assert refused.value.advice.endswith(".")


def test_a_network_that_no_hash_vouches_for_is_neither_read_nor_run(folder: Path) -> None:
    edit(folder, lambda v: v["files"].pop("ankylosis.explain.onnx"))
    with pytest.raises(DetectorError, match=r"ankylosis\.explain\.onnx, which version\.json does not name"):
        load_version(folder)
    (folder / "ankylosis.explain.onnx").rename(folder / "kept")
    version = load_version(folder)
    (folder / "kept").rename(folder / "ankylosis.explain.onnx")  # after the look at the folder
    with pytest.raises(DetectorError, match=r"The version has no ankylosis\.explain\.onnx"):
        explain(version, "ankylosis", picture(5), [100, 100, 200, 200])


@pytest.mark.parametrize("name", ["more.onnx", "more.safetensors", "MORE.ONNX"])
def test_a_network_too_many_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    with pytest.raises(DetectorError, match=f"holds {name}, which version.json does not name"):
        load_version(folder)
    (folder / name).unlink()
    (folder / "notes.txt").write_text("of one's own")
    assert load_version(folder).complete


def swap_weights(folder: Path) -> None:
    shutil.copyfile(folder / "subluxation.safetensors", folder / "ankylosis.safetensors")
    rehash(folder)


def other_picture(folder: Path) -> None:
    (folder / "golden.png").write_bytes(png.encode(picture(7)))
    rehash(folder)


HIDDEN_FAULTS: dict[str, tuple[Spoil, str]] = {
    "not a number": (
        lambda f: reweigh(f, lambda found: found["trunk.conv3_1.0.bias"].fill_(float("nan"))),
        r"trunk\.conv3_1\.0\.bias in ankylosis\.safetensors holds something that is no number",
    ),
    "weights of another": (swap_weights, "The ankylosis detector does not say what it said"),
    "a scale": (
        lambda f: reweigh(f, lambda found: found["scale"].mul_(1.2)),
        "The ankylosis detector does not say what it said of golden.png",
    ),
    "a picture of something else": (other_picture, "does not say what it said"),
    "boxes less": (
        lambda f: edit(f, lambda said: said["boxes"]["ankylosis"].clear(), file="golden.json"),
        "The ankylosis detector finds other joints",
    ),
    "boxes more": (
        lambda f: edit(
            f, lambda said: said["boxes"]["ankylosis"].append([1, 1, 9, 9, 0, 1, 0]), file="golden.json"
        ),
        "The ankylosis detector finds other joints",
    ),
    "words for numbers": (
        lambda f: edit(f, lambda said: said["numbers"].update(ankylosis="many"), file="golden.json"),
        "golden.json is not as it should be",
    ),
    "no picture": (
        lambda f: ((f / "golden.png").write_bytes(b"PNG"), rehash(f)),
        "golden image .* cannot be read",
    ),
}


@pytest.mark.parametrize("fault", HIDDEN_FAULTS)
def test_fault_that_no_hash_shows_is_found_by_verifying(folder: Path, fault: str) -> None:
    spoil, sentence = HIDDEN_FAULTS[fault]
    spoil(folder)
    load_version(folder)
    with pytest.raises(DetectorError, match=sentence):
        verify_version(folder)


@pytest.mark.parametrize("name", ["nothing", "file", "empty"])
def test_other_places_are_no_version(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DetectorError, match=f"{name} is no version of a detector"):
        load_version(tmp_path / name)


def test_nothing_is_left_of_a_version_that_could_not_be_written(tmp_path: Path) -> None:
    model = network()
    model.scale.data[0] = float("nan")
    save_weights(model, tmp_path / "weights")
    with pytest.raises(DetectorError, match="holds something that is no number"):
        write_version(
            tmp_path / "v", name="v", architecture=TINY, models={"ankylosis": tmp_path / "weights"}, card=""
        )
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_written_over_nothing(sound: Version) -> None:
    models = {finding: sound.weights(finding) for finding in sound.findings}
    with pytest.raises(DetectorError, match="is there already, and not empty"):
        write_version(sound.folder, name="v", architecture=TINY, models=models, card="")
    assert load_version(sound.folder) == sound


def test_reading_a_version_takes_neither_torch_nor_onnx(sound: Version) -> None:
    script = (
        "import sys, numpy, detector\n"
        f"version = detector.verify_version(__import__('pathlib').Path({str(sound.folder)!r}))\n"
        "detector.Detector(version, threads=1).detect(numpy.eye(400, dtype='uint16'))\n"
        "print([name for name in ('torch', 'onnx', 'openvino', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "[]\n"


def test_last_of_the_models_that_come_along_is_taken(sound: Version, tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="No model comes with this Knuckle"):
        shipped_version((tmp_path / "none", tmp_path))
    for name in ("a", "b"):
        shutil.copytree(sound.folder, tmp_path / name)
    (tmp_path / "LICENSE").write_text("terms")
    assert shipped_version((tmp_path / "none", tmp_path)) == tmp_path / "b"


def test_golden_image_shows_fingers_and_is_small() -> None:
    pixels = golden.golden_image()
    assert (pixels.shape, pixels.dtype) == ((600, 700), np.uint16)
    assert pixels.std() > 100
    assert len(png.encode(pixels)) < 500_000
