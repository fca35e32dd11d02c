"""From the annotations of a release to what detections are measured against."""

import numpy as np
import pytest

from detector.dataset import DISPLACEABLE, Displacement, ReleaseImage, ReleaseJoint
from detector.measuring.truth import labels_of, truth_of
from detector.release.sources import from_phantoms


def image(*joints: ReleaseJoint) -> ReleaseImage:
    return ReleaseImage("images/a.png", "K-001", 1, 2010, 1670, None, True, joints)


def test_joints_keep_their_order_names_and_boxes() -> None:
    thumb = ReleaseJoint("R-IP1", (0.5, 1.25, 20.0, 30.0), False)
    finger = ReleaseJoint("L-MP2", (100.0, 200.0, 150.0, 251.0), True, Displacement.NONE)
    truth = truth_of(image(thumb, finger))
    assert truth.names == ("R-IP1", "L-MP2")
    assert truth.boxes.tolist() == [[0.5, 1.25, 20.0, 30.0], [100.0, 200.0, 150.0, 251.0]]
    assert truth.boxes.dtype == np.float64
    assert truth.labels.dtype == np.int8
    assert truth.labels.tolist() == [[0, -1], [1, 0]]


@pytest.mark.parametrize("ankylosis", [True, False, None])
@pytest.mark.parametrize("displacement", [*Displacement, None])
def test_every_annotation_has_its_labels(ankylosis: bool | None, displacement: Displacement | None) -> None:
    joint = ReleaseJoint("R-PIP3", (0.0, 0.0, 9.0, 9.0), ankylosis, displacement)
    expected = {
        None: -1, Displacement.NONE: 0, Displacement.SUBLUXATION: 1, Displacement.DISLOCATION: 1
    }[displacement]  # fmt: skip
    assert labels_of(joint) == ({True: 1, False: 0, None: -1}[ankylosis], expected)


def test_an_image_without_annotations_is_an_empty_truth() -> None:
    truth = truth_of(image())
    assert truth.names == ()
    assert truth.boxes.shape == (0, 4)
    assert truth.labels.shape == (0, 2)


def test_a_drawn_release_is_judged_on_20_and_on_18(tmp_path_factory: pytest.TempPathFactory) -> None:
    release = from_phantoms(
        tmp_path_factory.mktemp("truth") / "release", [1], 1, findings_rate=0.3, size=(420, 520)
    )
    (drawn,) = release.images
    truth = truth_of(drawn)
    assert len(truth.judged("ankylosis").names) == 20
    assert set(truth.judged("subluxation").names) == set(DISPLACEABLE)
    assert (truth.labels == 1).sum(axis=0).tolist() == [drawn.ankylosed, drawn.displaced]
    assert drawn.ankylosed + drawn.displaced > 0
