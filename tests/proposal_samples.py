"""Made-up runs: a proposal for each joint, as the detector would say it."""

from __future__ import annotations

from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.proposals import NOT_SEEN, Flag, Probabilities, Proposal, Run, SeenBy, Thresholds

ABSENT = Probabilities(0.01, 0.97, 0.02)
PRESENT = Probabilities(0.01, 0.02, 0.97)
SHA256 = "ab" * 32


def place(joint: Joint) -> Box:
    """Somewhere on the film, for each joint elsewhere."""
    index = JOINTS.index(joint)
    return Box.around((100.5 + 90 * index, 400.25 + 30 * index), 56.0, 56.0)


def proposed(
    joint: Joint,
    number: int = 0,
    *,
    box: Box | None = None,
    confidence: float = 0.97,
    ankylosis: bool = False,
    subluxation: bool = False,
    seen_by: SeenBy | None = None,
    flags: tuple[Flag, ...] = (),
    named: bool = True,
) -> Proposal:
    """number: its id. seen_by: by both, the thumb IP by the first, where nothing is said."""
    seen = seen_by or (SeenBy.FIRST if joint.kind == "IP" else SeenBy.BOTH)
    first, second = (PRESENT if found else ABSENT for found in (ankylosis, subluxation))
    return Proposal(
        joint=joint if named else None,
        box=box or place(joint),
        confidence=confidence,
        ankylosis=NOT_SEEN if seen is SeenBy.SECOND else first,
        subluxation=NOT_SEEN if seen is SeenBy.FIRST else second,
        seen_by=seen,
        flags=flags,
        id=number,
    )


def run_over(
    image_id: int = 1,
    proposals: tuple[Proposal, ...] | None = None,
    *,
    version_id: int = 1,
    sha256: str = SHA256,
    stored: bool = False,
) -> Run:
    """A run with these proposals, or one for each joint; stored: with ids, from 1 on, where it has none."""
    every = proposals if proposals is not None else tuple(proposed(joint) for joint in JOINTS)
    if stored and proposals is None:
        every = tuple(proposed(joint, number) for number, joint in enumerate(JOINTS, 1))
    return Run(
        image_id=image_id,
        version_id=version_id,
        version_sha256=sha256,
        scan="windows",
        runtime="onnxruntime 1.24 cpu f32",
        thresholds=Thresholds(0.9, 0.15, 0.45),
        proposals=every,
        id=1 if stored else 0,
    )
