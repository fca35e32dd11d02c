"""Which files are meant by what a person drops."""

import os
import shutil
import tempfile
from pathlib import Path

import pydicom
import pytest
from dicom_files import dataset, film, save
from pydicom.data import get_testdata_file

from annotator.imaging.scan import Found, walk


def names(root: Path, found: list[Found]) -> list[tuple[str, bool]]:
    return [(f.path.relative_to(root).as_posix(), f.named) for f in found]


def test_folders_are_walked_in_order_and_files_once(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/1.dcm", "a/手/写真.dcm", "a/é.dcm", "z.txt", "a/DICOMDIR"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    expected = [
        ("z.txt", False),
        ("a/é.dcm", False),
        ("a/手/写真.dcm", False),
        ("b/1.dcm", False),
        ("b/2.dcm", False),
    ]
    assert names(tmp_path, list(walk([tmp_path]))) == expected
    named = list(walk([tmp_path / "b/2.dcm", tmp_path / "b", tmp_path / "b/1.dcm"]))
    assert names(tmp_path, named) == [("b/2.dcm", True), ("b/1.dcm", False)]


def test_what_is_not_there_is_left_to_the_reader(tmp_path: Path) -> None:
    assert list(walk([tmp_path / "gone.dcm"])) == [Found(tmp_path / "gone.dcm", named=True)]


def test_links_to_folders_are_no_endless_way(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.dcm").write_bytes(b"x")
    (tmp_path / "a/round").symlink_to(tmp_path)
    (tmp_path / "a/link.dcm").symlink_to(tmp_path / "a/1.dcm")
    assert names(tmp_path, list(walk([tmp_path]))) == [("a/1.dcm", False), ("a/link.dcm", False)]


def test_a_folder_that_cannot_be_opened_is_told() -> None:
    with tempfile.TemporaryDirectory() as above:
        locked = Path(above) / "locked"
        locked.mkdir(0)
        Path(above).chmod(0o755)
        user = os.geteuid()
        if user == 0:  # nothing is forbidden to root, so for a moment we are somebody else
            os.seteuid(65534)
        try:
            (found,) = walk([Path(above)])
        finally:
            os.seteuid(user)
    assert found.refused is not None
    assert found.refused.message == "There is no permission to read the file."


def media(folder: Path) -> Path:
    """A disc with 31 pictures and their DICOMDIR, from pydicom's own tests."""
    source = get_testdata_file("dicomdirtests/DICOMDIR")
    assert isinstance(source, str)
    shutil.copytree(Path(source).parent, folder, dirs_exist_ok=True)
    for other in folder.glob("DICOMDIR-*"):
        other.unlink()
    return folder / "DICOMDIR"


def test_a_dicomdir_stands_for_the_files_it_lists(tmp_path: Path) -> None:
    dicomdir = media(tmp_path / "disc")
    found = list(walk([dicomdir]))
    assert len(found) == 31
    assert all(f.named and f.refused is None and f.path.is_file() for f in found)
    assert {f.path for f in found} <= {f.path for f in walk([tmp_path / "disc"])}
    assert dicomdir not in {f.path for f in walk([tmp_path / "disc"])}


def test_a_dicomdir_copied_in_small_letters(tmp_path: Path) -> None:
    media(tmp_path / "disc")
    for folder, folders, files in os.walk(tmp_path / "disc", topdown=False):
        for name in (*folders, *files):
            os.rename(os.path.join(folder, name), os.path.join(folder, name.lower()))
    found = list(walk([tmp_path / "disc/dicomdir"]))
    assert len(found) == 31
    assert all(f.path.is_file() for f in found)


@pytest.mark.parametrize(
    "reference",
    [["..", "secret.dcm"], ["/etc/passwd"], ["A", "..", "..", "secret.dcm"], ["C:", "x"], ["LINK"]],
)
def test_a_dicomdir_never_leads_out_of_its_folder(reference: list[str], tmp_path: Path) -> None:
    save(dataset(film()), tmp_path / "secret.dcm")
    dicomdir = media(tmp_path / "disc")
    (tmp_path / "disc/LINK").symlink_to(tmp_path / "secret.dcm")
    ds = pydicom.dcmread(dicomdir)
    for record in ds.DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            record.ReferencedFileID = reference
    pydicom.dcmwrite(dicomdir, ds)
    found = list(walk([dicomdir]))
    assert [f.path for f in found] == [dicomdir]
    assert found[0].refused is not None
    assert "outside its folder" in found[0].refused.message


def test_a_dicomdir_without_use_is_told(tmp_path: Path) -> None:
    broken, empty = tmp_path / "DICOMDIR", tmp_path / "empty" / "DICOMDIR"
    broken.write_bytes(b"\0" * 128 + b"DICM" + b"rubbish" * 20)
    empty.parent.mkdir()
    source = get_testdata_file("DICOMDIR-empty.dcm")
    assert isinstance(source, str)
    shutil.copy(source, empty)
    for path in (broken, empty):
        (found,) = walk([path])
        assert found.path == path
        assert found.refused is not None


def test_a_listed_file_that_is_missing_is_named(tmp_path: Path) -> None:
    dicomdir = media(tmp_path)
    first = next(iter(walk([dicomdir]))).path
    first.unlink()
    assert first in [f.path for f in walk([dicomdir])]
