"""What a queue can be made of: every reason, of one and of several."""

from __future__ import annotations

from annotator.domain.differences import Difference, DifferenceKind
from annotator.domain.findings import Finding
from annotator.domain.joints import joint_named
from annotator.domain.queue import DetectorSplit, Doubts, Facts, Nearest, Place, ReaderSplit, VersionSplit

MP2, PIP3 = joint_named("R-MP2"), joint_named("L-PIP3")
ONE, TWO = (MP2,), (MP2, PIP3)
_DIFFER = [Difference(kind, joint, None, None, 0.4) for kind in DifferenceKind for joint in (MP2, None)]
_FACTS: list[Facts] = [
    Doubts(ONE, 2, 0.75, None, Nearest(PIP3, Finding.SUBLUXATION, 0.48, 0.5), closeness=1.5),
    Doubts(TWO, 1, 0.75, MP2, Nearest(None, Finding.ANKYLOSIS, 0.48, 0.5), closeness=1.5),
    Doubts(ONE, nearest=Nearest(MP2, Finding.DISLOCATION, 0.48, 0.5), closeness=1.5),
    VersionSplit("B", "A", ONE, TWO, ONE, TWO, 0.6),
    VersionSplit("B", "A", TWO, ONE, TWO, ONE, 0.6),
    DetectorSplit(ONE, TWO, 1, 2),
    DetectorSplit(TWO, ONE, 2, 1),
    ReaderSplit(tuple(_DIFFER)),
    ReaderSplit(tuple(_DIFFER[::2])),
]
EVERY_FACT = [(Place(number, "K-001", 1), one) for number, one in enumerate(_FACTS)]
