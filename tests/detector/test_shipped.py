"""The model that comes with Knuckle: sound, small, and of use on radiographs it has never seen."""

from pathlib import Path

import numpy as np
import pytest

from detector.classes import FINDINGS, judged
from detector.detect import Detector
from detector.errors import DetectorError
from detector.measuring.matching import Found, Outcome, Truth, match
from detector.metrics import detection_counts, finding_counts
from detector.phantom import draw
from detector.phantom.truth import TrueJoint
from detector.shipped import shipped_version
from detector.version.values import SCANS, Version
from detector.versions import verify_version

ROOT = Path(__file__).resolve().parents[2]
UNSEEN = (900_001, 900_002, 900_003, 900_005)
"""Seeds far from those of tools/demo_data.py, and from the sample study's."""


@pytest.fixture(scope="module")
def version() -> Version:
    return verify_version(shipped_version())


@pytest.mark.parametrize("scan", SCANS)
def test_it_finds_joints_and_findings_it_has_never_seen(version, scan):
    detector = Detector(version, scan=scan, threads=1)
    outcomes = [looked_at(detector, seed) for seed in UNSEEN]
    detection = detection_counts(outcomes)
    assert detection.joints == 80
    assert detection.detected >= 78
    assert detection.false_boxes <= 2
    assert detection.iou_sum / detection.detected > 0.8
    for finding in FINDINGS:
        counts = finding_counts(outcomes, finding)
        assert counts.true_positive + counts.false_negative >= 5, "enough to judge by"
        assert counts.scores().f > 0.7, finding


def looked_at(detector: Detector, seed: int) -> Outcome:
    phantom = draw(seed, findings_rate=0.3)
    truth = Truth(
        tuple(joint.name for joint in phantom.joints),
        np.array([joint.box for joint in phantom.joints]),
        np.array([labels(joint) for joint in phantom.joints], np.int8),
    )
    return match(truth, Found.by_ensemble(detector.detect(phantom.pixels).detections))


def labels(joint: TrueJoint) -> tuple[int, int]:
    displaced = bool({"subluxation", "dislocation"} & set(joint.findings))
    return int("ankylosis" in joint.findings), int(displaced) if judged(joint.name, "subluxation") else -1


def test_it_is_small_and_carries_its_terms(version):
    folder = ROOT / "resources" / "models"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 30_000_000
    terms = (folder / "LICENSE").read_text("utf-8")
    for words in (terms, version.card):
        assert "Halabi SS" in words
        assert "non-commercial" in words.lower()
    assert "No accuracy on rheumatoid arthritis follows" in version.card
    assert version.complete


def test_its_card_says_what_was_measured_on_held_out_images(version):
    held_out = [name for name in version.metrics if "held-out" in name]
    assert len(held_out) >= 3
    for name in held_out:
        assert name in version.card
        assert set(version.metrics[name]) == set(SCANS)


def test_without_it_one_sentence_says_what_to_do(tmp_path):
    with pytest.raises(DetectorError, match=r"No model comes with this Knuckle\. Name one with --version"):
        shipped_version((tmp_path,))
