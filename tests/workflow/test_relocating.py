"""Films found again where they were moved to: those that are there and the same, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.workflow.jobs import Cancelled
from annotator.workflow.library import Library, Relocation
from tests.command_line import small_film
from tests.study_fixtures import Desk, images_of, quietly


def test_relocating_verifies_every_file(at_desk: Desk, library: Library, moved: Path, tmp_path: Path) -> None:
    """An image whose file is not there, or is another, keeps its path; the others are read."""
    new = tmp_path / "新しい"
    moved.rename(new)
    (new / "01-1.dcm").write_bytes((new / "01-2.dcm").read_bytes())
    (new / "02-1.dcm").unlink()
    result = library.relocate(moved, new, at_desk.person, quietly)
    assert (result.moved, set(result.missing)) == (2, {str(new / "01-1.dcm"), str(new / "02-1.dcm")})
    lost, found, lost_too, found_too = images_of(at_desk, at_desk.study)
    assert [Path(image.file.path) for image in (lost, lost_too)] == [moved / "01-1.dcm", moved / "02-1.dcm"]
    for image in (found, found_too):
        assert library.read(image).pixels_sha256 == image.file.pixels_sha256


def test_relocating_leaves_the_films_that_stayed_where_they_are(
    at_desk: Desk, library: Library, moved: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (moved / "01-2.dcm").rename(new / "01-2.dcm")
    result = library.relocate(moved, new, at_desk.person, quietly)
    assert (result.moved, len(result.missing)) == (1, 3)
    for image in images_of(at_desk, at_desk.study):
        assert library.read(image).pixels_sha256 == image.file.pixels_sha256


def test_a_withdrawn_image_follows_where_its_file_is_and_is_never_missed(
    at_desk: Desk, library: Library, moved: Path, tmp_path: Path
) -> None:
    studies = at_desk.house.administration.studies
    first, second, *_ = images_of(at_desk, at_desk.study)
    for image in (first, second):
        studies.withdraw_image(image.id, "wrong patient", at_desk.person)
    new = tmp_path / "new"
    moved.rename(new)
    (new / "01-2.dcm").unlink()
    assert library.relocate(moved, new, at_desk.person, quietly) == Relocation(3, ())
    at = {file.image_id: Path(file.path) for file in studies.files()}
    assert (at[first.id], at[second.id]) == (new / "01-1.dcm", moved / "01-2.dcm")


def test_a_film_of_two_studies_is_relocated_in_both(
    at_desk: Desk, library: Library, empty: Study, moved: Path, tmp_path: Path
) -> None:
    library.add([moved / "01-1.dcm"], empty, at_desk.person, quietly)
    new = tmp_path / "new"
    moved.rename(new)
    assert library.relocate(moved, new, at_desk.person, quietly) == Relocation(5, ())
    for study in (empty, at_desk.study):
        assert {Path(image.file.path).parent for image in images_of(at_desk, study)} == {new}


def test_relocating_to_another_place_of_other_films_changes_nothing(
    at_desk: Desk, library: Library, films: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    for name in ("01-1", "01-2", "02-1", "02-2"):
        small_film(others / f"{name}.dcm", 1)
    for old, new, told in (
        (films, others, "None of the images is in"),
        (films, tmp_path / "nowhere", "None of the images is in"),
        (tmp_path, others, "No image lies below"),
        (films / "01", others, "No image lies below"),
    ):
        with pytest.raises(KnuckleError, match=told):
            library.relocate(old, new, at_desk.person, quietly)
    assert {Path(image.file.path).parent for image in images_of(at_desk, at_desk.study)} == {films.resolve()}


def test_relocating_can_be_cancelled(at_desk: Desk, library: Library, films: Path, tmp_path: Path) -> None:
    copies = shutil.copytree(films, tmp_path / "copies")

    def at_two(done: int, _total: int, _text: str) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        library.relocate(films, copies, at_desk.person, at_two)
    assert {Path(image.file.path).parent for image in images_of(at_desk, at_desk.study)} == {films.resolve()}


def test_the_old_folder_may_be_named_as_it_was_typed_when_imported(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a link, or from the folder it lay in."""
    small_film(tmp_path / "disk" / "films" / "a.dcm", 1)
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    library.add([tmp_path / "link" / "films"], empty, at_desk.person, quietly)
    (tmp_path / "disk" / "films").rename(tmp_path / "disk" / "elsewhere")
    result = library.relocate(
        tmp_path / "link" / "films", tmp_path / "link" / "elsewhere", at_desk.person, quietly
    )
    assert (result.moved, result.missing) == (1, ())
    (tmp_path / "disk" / "elsewhere").rename(tmp_path / "disk" / "films")
    monkeypatch.chdir(tmp_path / "disk")
    assert library.relocate(Path("elsewhere"), Path("films"), at_desk.person, quietly).moved == 1
    assert images_of(at_desk, empty)[0].file.path == str(tmp_path / "disk" / "films" / "a.dcm")
