"""Four films on which two versions, both detectors and a reader differ, each of them most on another film."""

from __future__ import annotations

from annotator.domain.joints import JOINTS
from annotator.domain.proposals import Proposal, SeenBy
from annotator.domain.queue import QueueBy
from annotator.domain.versions import ModelVersion, VersionFolder
from annotator.store.detections import Detections
from annotator.store.versions import Versions
from tests.proposal_samples import proposed, run_over
from tests.study_fixtures import Desk, images_of
from tests.test_cli_report import read

ORDERS: dict[QueueBy, list[int]] = {
    QueueBy.LEAST_CERTAIN: [2, 3, 1, 0],
    QueueBy.VERSIONS: [2, 3, 0, 1],
    QueueBy.DETECTORS: [1, 3, 0, 2],
    QueueBy.READER: [0, 2, 1, 3],
}
"""The films in each order, by their places in the order by patient; the first two of each are scored, of the
least certain three. READER: once `read_two` has read."""


def run_twice(desk: Desk) -> None:
    """Over every film but the first: an older version, and then a newer one."""
    older, newer = (
        Versions(desk.house.database).register(VersionFolder(name, sha * 32, f"/models/{name}"), desk.person)
        for name, sha in (("older", "ab"), ("newer", "cd"))
    )
    for place, lowest, alone, skipped in ((1, 0.9, 3, 0), (2, 0.3, 0, 5), (3, 0.6, 1, 2)):
        joints = JOINTS[skipped:]
        _add(desk, place, older, tuple(proposed(joint) for joint in joints))
        _add(desk, place, newer, _doubtful(lowest, alone))


def _doubtful(lowest: float, alone: int) -> tuple[Proposal, ...]:
    """alone: so many joints that both judge, the last ones, are seen by the first detector only."""
    return tuple(
        proposed(
            joint,
            confidence=lowest if place == 0 else 0.97,
            seen_by=SeenBy.FIRST if place >= len(JOINTS) - alone else None,
        )
        for place, joint in enumerate(JOINTS)
    )


def _add(desk: Desk, place: int, version: ModelVersion, proposals: tuple[Proposal, ...]) -> None:
    image = images_of(desk, desk.study)[place]
    run = run_over(image.id, proposals, version_id=version.id, sha256=version.sha256)
    Detections(desk.house.database).add(run, desk.person)


def run_unsurely(desk: Desk, place: int) -> None:
    """Another run of the newer version, less certain than any other."""
    newer = next(one for one in Versions(desk.house.database).all() if one.name == "newer")
    _add(desk, place, newer, _doubtful(0.01, 0))


def read_two(desk: Desk) -> None:
    """The first film, over which the model runs afterwards, and the third: the first differs most."""
    read(desk, 0, "R-MP1", "R-MP2", "R-MP3")
    read(desk, 2, "R-MP1")
    newer = next(one for one in Versions(desk.house.database).all() if one.name == "newer")
    _add(desk, 0, newer, _doubtful(0.97, 0))
