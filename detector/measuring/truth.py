"""What a release says of an image -> what its detections are measured against."""

from __future__ import annotations

import numpy as np

from detector.classes import FINDINGS
from detector.measuring.matching import Truth
from detector.release.values import ReleaseImage, ReleaseJoint


def truth_of(image: ReleaseImage) -> Truth:
    """All labelled joints of an image, in their order in the release; boxes float64, pixels of the image.

    A label is -1 where the finding was not assessed, as subluxation never is on a thumb IP: such a joint is
    to be detected all the same, and is in no count of that finding. Subluxation and dislocation are one label
    (paper, Data preparation). Its ignored places are beside them.
    """
    boxes = np.array([joint.box for joint in image.joints], np.float64).reshape(-1, 4)
    labels = np.array([labels_of(joint) for joint in image.joints], np.int8).reshape(-1, len(FINDINGS))
    ignored = np.array(image.ignored, np.float64).reshape(-1, 4)
    return Truth(tuple(joint.name for joint in image.joints), boxes, labels, ignored)


def labels_of(joint: ReleaseJoint) -> tuple[int, int]:
    """1 present, 0 absent, -1 not assessed, in the order of classes.FINDINGS."""
    ankylosis, displaced = (-1 if said is None else int(said) for said in (joint.ankylosis, joint.displaced))
    return ankylosis, displaced
