"""Versions of the detector: brought in, activated, refused, and where they were used."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from detection_samples import FOLDER, OTHER, review_on
from store_samples import Desk, audit_rows

from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.people import Role
from annotator.domain.versions import ModelVersion, VersionUse
from annotator.store.versions import Versions


@pytest.fixture
def versions(desk: Desk) -> Versions:
    return Versions(desk.database)


def test_a_version_is_kept_as_it_was_brought_in_and_does_not_propose_yet(
    desk: Desk, versions: Versions
) -> None:
    made = versions.register(FOLDER, desk.person("Dora", Role.DATA))
    assert versions.all() == [made]
    assert made == ModelVersion(
        1, "demo 1", FOLDER.sha256, "/models/demo 1", "2026-11-20", (("accuracy", 0.93),), False
    )
    assert versions.active() is None
    entry = audit_rows(desk.database)[-1]
    assert (entry.person, entry.action, entry.subject) == ("Dora", "import version", "version 1")


def test_a_version_that_is_known_by_its_hash_is_the_same_in_its_new_folder(
    desk: Desk, versions: Versions
) -> None:
    made = versions.register(FOLDER, desk.admin)
    versions.activate(made.id, desk.admin)
    before = len(audit_rows(desk.database))
    assert versions.register(FOLDER, desk.admin) == replace(made, active=True)
    assert len(audit_rows(desk.database)) == before
    moved = versions.register(replace(FOLDER, folder="/elsewhere/modèle", name="renamed"), desk.admin)
    assert moved == replace(made, folder="/elsewhere/modèle", active=True)
    assert versions.all() == [moved]


def test_one_version_at_most_is_active_and_that_is_audited(desk: Desk, versions: Versions) -> None:
    one, two = versions.register(FOLDER, desk.admin), versions.register(OTHER, desk.admin)
    versions.activate(one.id, desk.admin)
    versions.activate(two.id, desk.admin)
    assert [v.active for v in versions.all()] == [False, True]
    assert json.loads(audit_rows(desk.database)[-1].detail) == {"name": "demo 2", "before": one.id}
    versions.deactivate(desk.admin)
    assert versions.active() is None
    written = len(audit_rows(desk.database))
    versions.deactivate(desk.admin)
    assert len(audit_rows(desk.database)) == written


def test_who_may_not_and_what_is_not_there(desk: Desk, versions: Versions) -> None:
    anna = desk.person("Anna")
    with pytest.raises(LockedError):
        versions.register(FOLDER, anna)
    made = versions.register(FOLDER, desk.admin)
    with pytest.raises(LockedError):
        versions.activate(made.id, anna)
    with pytest.raises(LockedError):
        versions.deactivate(anna)
    with pytest.raises(KnuckleError, match="no such version"):
        versions.activate(77, desk.admin)


def test_a_version_with_other_classes_is_refused(desk: Desk, versions: Versions) -> None:
    with pytest.raises(KnuckleError, match="other classes"):
        versions.register(replace(FOLDER, classes=("background", "erosion")), desk.admin)
    with pytest.raises(KnuckleError, match="does not hold"):
        versions.register(replace(FOLDER, findings=("ankylosis",)), desk.admin)
    assert versions.all() == []


def test_where_a_version_was_used(desk: Desk, versions: Versions) -> None:
    review = review_on(desk)
    review.run()
    other = review_on(desk, number=2)
    unused = versions.register(OTHER, desk.admin)
    assert versions.uses() == {
        review.version.id: VersionUse(("Hands",), images=2, runs=3),
        unused.id: VersionUse(),
    }
    desk.studies.withdraw_image(other.image_id, "consent withdrawn", desk.admin)
    assert versions.uses()[review.version.id] == VersionUse(("Hands",), images=1, runs=2)
