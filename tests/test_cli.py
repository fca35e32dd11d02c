"""Every verb of `knuckle`: what it prints, how it leaves, and that nobody ever sees a traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer.main
from pydicom.data import get_testdata_file

from annotator import __version__
from annotator.cli import app
from tests.command_line import ROOT, knuckle, names_of, small_film, small_films, within
from tests.study_fixtures import sit_down

pytestmark = pytest.mark.usefixtures("qapp")

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def images(data: Path) -> int:
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM image").fetchone()
    return int(count)


def test_the_verbs() -> None:
    assert sorted(BEGINNINGS) == COMMANDS


BEGINNINGS = {
    "check": "Verify the installation and the database: ",
    "compare-releases": "Say what two releases differ in: ",
    "demo": "Open the window on the sample study, ",
    "export": "Write the labels of a study as files, ",
    "import": "Take radiographs into a study. ",
    "import-labels": "Take labels in as proposals, never as annotations. ",
    "import-set": "Take a published set in: ",
    "people": "List who works here, ",
    "propose": "Have the active version look at images, ",
    "queue": "List the images that should be read next, ",
    "relocate": "Say where a moved folder of radiographs is now. ",
    "report": "Write one page about a patient or an image: ",
    "restore": "List the backups, newest first, ",
    "train": "Train a new version on a release, ",
    "training": "List the trainings, ",
}


@pytest.mark.parametrize(("verb", "beginning"), BEGINNINGS.items())
def test_every_command_has_help(verb: str, beginning: str) -> None:
    said = within(verb, "--help")
    assert said.code == 0
    assert said.out.split("Usage:")[1].splitlines()[2].strip().startswith(beginning)
    for option in ("--data", "--json", "--help"):
        assert option in said.out


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_command_of_the_program_is_in_the_readme(verb: str) -> None:
    assert f"knuckle {verb}" in (ROOT / "README.md").read_text("utf-8")


def test_version(tmp_path: Path) -> None:
    said = knuckle("--version", home=tmp_path)
    assert (said.code, said.out, said.err) == (0, f"knuckle {__version__}\n", "")


# import


def test_import_prints_exactly_this_object(films: Path, tmp_path: Path) -> None:
    """The four films with their truth beside them, twice, under a folder that is not ASCII."""
    data = tmp_path / "資料"
    first = knuckle("import", films, "--data", data, "--json", home=tmp_path)
    assert (first.code, first.err) == (0, "")
    assert first.object == {"imported": 4, "known": 0, "passed": 4, "refused": []}
    again = within("import", films, "--data", data, "--json")
    assert (again.code, again.object) == (0, {"imported": 0, "known": 4, "passed": 4, "refused": []})
    assert images(data) == 4
    assert not (tmp_path / "share").exists(), "with --data nothing lies elsewhere"


def test_import_refuses_each_bad_file_by_name_and_takes_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "手 ☃"
    good = small_film(folder / "ein Bild.dcm", 1)
    (folder / "notes.txt").write_text("not DICOM")
    broken = folder / "abgeschnitten.dcm"
    broken.write_bytes(good.read_bytes()[:-100])
    named = tmp_path / "letter.txt"
    named.write_text("not DICOM either, but named")
    missing = tmp_path / "no such file.dcm"
    said = within("import", folder, named, missing, "--data", tmp_path / "data", "--json")
    assert said.code == 1
    found = said.object
    assert set(found) == {"imported", "known", "passed", "refused"}
    assert (found["imported"], found["known"], found["passed"]) == (1, 0, 1)
    reasons = {item["file"]: item["reason"] for item in found["refused"]}
    assert all(set(item) == {"file", "reason"} for item in found["refused"])
    assert set(reasons) == {str(broken), str(named), str(missing)}
    assert "truncated" in reasons[str(broken)]
    assert "not DICOM" in reasons[str(named)]
    assert "no such file" in reasons[str(missing)]


def test_import_without_json_says_the_same_in_lines(tmp_path: Path) -> None:
    small_film(tmp_path / "a.dcm", 1)
    said = within("import", tmp_path / "a.dcm", tmp_path / "b.dcm", "--data", tmp_path / "data")
    assert said.code == 1
    assert said.out.splitlines()[:4] == ["imported: 1", "known: 0", "passed: 0", "refused: 1"]
    assert f"{tmp_path / 'b.dcm'}: There is no such file." in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import"], "Missing argument 'PATH...'"),
        (["import", "x", "--nope"], "No such option: --nope"),
        (["relocate", "a"], "Missing argument"),
        (["nonsense"], "No such command 'nonsense'"),
        (["check", "--data"], "Option '--data' requires an argument"),
        (["--nope"], "No such option: --nope"),
    ],
)
def test_wrong_usage_is_two(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said = within(*arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert list(tmp_path.iterdir()) == []


def test_import_takes_the_files_of_a_dicomdir(tmp_path: Path) -> None:
    source = get_testdata_file("dicomdirtests/DICOMDIR")
    assert isinstance(source, str)
    disc = tmp_path / "disc"
    shutil.copytree(Path(source).parent / "98892003", disc / "98892003")
    shutil.copy(source, disc / "DICOMDIR")
    said = within("import", disc / "DICOMDIR", "--data", tmp_path / "data", "--json")
    found = said.object
    assert said.code == 1, "the DICOMDIR lists folders that were not copied"
    inside = sum(path.is_file() for path in (disc / "98892003").rglob("*"))
    there = [item for item in found["refused"] if os.path.exists(item["file"])]
    assert found["imported"] + found["known"] + len(there) == inside
    assert found["imported"] > 0
    assert len(found["refused"]) - len(there) == 31 - inside


def test_a_dicomdir_that_leads_elsewhere_is_told_as_that(tmp_path: Path) -> None:
    source = get_testdata_file("dicomdirtests/DICOMDIR")
    assert isinstance(source, str)
    disc = tmp_path / "disc"
    disc.mkdir()
    shutil.copy(source, disc / "DICOMDIR")
    for folder in ("77654033", "98892001", "98892003"):
        (disc / folder).symlink_to(Path(source).parent / folder)
    said = within("import", disc / "DICOMDIR", "--data", tmp_path / "data", "--json")
    (refused,) = said.object["refused"]
    assert (said.code, said.object["imported"], refused["file"]) == (1, 0, str(disc / "DICOMDIR"))
    assert "lists files outside its folder" in refused["reason"]


def test_names_that_no_text_can_spell(tmp_path: Path) -> None:
    """A name in Latin-1 on a disk of today, where standard output can only say ASCII."""
    folder = os.fsencode(tmp_path / "cd")
    os.mkdir(folder)
    film = small_film(tmp_path / "film.dcm", 1)
    shutil.copy(film, folder + b"/H\xe4nde.dcm")
    with open(folder + b"/gr\xf6\xdfe.dcm", "wb") as file:
        file.write(film.read_bytes()[:500])
    for environment in ({}, {"PYTHONIOENCODING": "ascii"}):
        said = knuckle("import", folder, "--data", tmp_path / "data", "--json", home=tmp_path, **environment)
        (refused,) = said.object["refused"]
        assert os.fsencode(refused["file"]) == folder + b"/gr\xf6\xdfe.dcm"
    plain = knuckle("import", folder, "--data", tmp_path / "data", home=tmp_path, PYTHONIOENCODING="ascii")
    assert (plain.code, "known: 1" in plain.out, "Traceback" in plain.err) == (1, True, False)


def test_import_goes_into_the_study_that_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    films = small_films(tmp_path / "films", range(3))
    for film, study in zip(films, ("Kyoto", "Osaka", "Kyoto"), strict=True):
        assert within("import", film, "--data", data, "--study", study, "--json").object["imported"] == 1
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        counts = database.execute(
            "SELECT name, count(*) FROM image JOIN study ON study.id = study_id GROUP BY name"
        ).fetchall()
    assert counts == [("Kyoto", 2), ("Osaka", 1)]
    unclear = within("import", films[0], "--data", data, "--json")
    assert unclear.error == "There is more than one study: Kyoto, Osaka."


def test_data_may_stand_before_the_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    film = small_film(tmp_path / "a.dcm", 1)
    assert within("--data", tmp_path / "data", "import", film, "--json").code == 0
    assert images(tmp_path / "data") == 1
    assert within("--data", tmp_path / "no", "check", "--data", tmp_path / "data", "--json").object["sound"]
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "share").exists()


# relocate


def test_relocate_finds_a_moved_folder(data: Path, films: Path, tmp_path: Path) -> None:
    moved = tmp_path / "引っ越し"
    shutil.copytree(films, moved)
    (moved / "01-2.dcm").unlink()
    said = within("relocate", films, moved, "--data", data, "--json")
    assert said.code == 1
    assert said.object == {"moved": 3, "missing": [str(moved / "01-2.dcm")]}
    back = within("relocate", moved, films, "--data", data, "--json")
    assert (back.code, back.object) == (0, {"moved": 3, "missing": []})


def test_relocate_to_nowhere_changes_nothing(data: Path, films: Path, tmp_path: Path) -> None:
    before = (data / "knuckle.sqlite").read_bytes()
    nothing = within("relocate", films, tmp_path / "nowhere", "--data", data, "--by", "Dr. A", "--json")
    assert nothing.error == f"None of the images is in {tmp_path / 'nowhere'}."
    never = within("relocate", tmp_path / "never", films, "--data", data, "--by", "Dr. A", "--json")
    assert never.error == f"No image lies below {tmp_path / 'never'}."
    assert (data / "knuckle.sqlite").read_bytes() == before


# check


def test_check_of_a_new_folder_and_of_a_sound_one(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    new = within("check", "--data", folder, "--json")
    assert (new.code, new.object["sound"], new.object["problems"]) == (0, True, [])
    assert (new.object["new"], set(new.object["counts"].values())) == (True, {0})
    assert new.err == f"There was no database; {folder / 'knuckle.sqlite'} is new and empty.\n"
    assert "new: True" in within("check", "--data", tmp_path / "newer").out
    known = within("check", "--data", folder, "--json")
    assert (known.object["new"], known.err) == (False, "")
    said = knuckle("check", "--data", data, "--json", home=tmp_path)
    assert (said.code, said.object["sound"]) == (0, True)
    assert said.object["counts"]["images"] == 4
    assert "sound: True" in within("check", "--data", data).out


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DROP TRIGGER audit_no_update_1; UPDATE audit SET detail = '{}' WHERE sequence = 3", "audit"),
        ("PRAGMA foreign_keys=OFF; UPDATE image SET patient_id = 77 WHERE id = 1", "not there"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
    ],
)
def test_check_tells_what_was_done_behind_its_back(data: Path, damage: str, told: str) -> None:
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        database.executescript(damage)
    said = within("check", "--data", data, "--json")
    assert (said.code, said.object["sound"]) == (1, False)
    assert any(told in problem for problem in said.object["problems"]), said.object


def test_a_home_folder_is_understood_everywhere(data: Path, tmp_path: Path) -> None:
    """No shell opens the tilde of --data=~/data."""
    for verb in ("check", "restore"):
        said = knuckle(verb, f"--data=~/{data.name}", "--json", home=data.parent)
        assert said.code == 0
        assert said.object.get("backups") != []
        assert said.object.get("counts", {"images": 4})["images"] == 4
    said = knuckle("check", "--data=~nobody-of-this-name/data", "--json", home=tmp_path)
    assert "data folder" in said.error


# restore


def gesture_more(data: Path, name: str = "Dr. A") -> None:
    """Something new in the audit, and with it a new backup when the house is closed."""
    with sit_down(data, name) as desk:
        studies = desk.house.administration.studies.all()
        desk.house.administration.create_study(f"Study {len(studies)}", "X", desk.person)


def studies(data: Path) -> int:
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM study").fetchone()
    return int(count)


def test_restore_lists_and_puts_one_back(data: Path) -> None:
    (first,) = within("restore", "--data", data, "--json").object["backups"]
    gesture_more(data)
    assert studies(data) == 2
    listed = within("restore", "--data", data, "--json").object["backups"]
    assert listed[1] == first, "newest first"
    said = within("restore", first, "--data", data, "--by", "Dr. A", "--json")
    assert (said.code, said.object["restored"]) == (0, first)
    assert studies(data) == 1
    assert (data / "backups" / said.object["set_aside"]).is_file()
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        last = database.execute("SELECT person, action FROM audit ORDER BY sequence DESC").fetchone()
    assert last == ("Dr. A", "restore")
    assert within("check", "--data", data, "--json").object["sound"]


@pytest.mark.parametrize("by", ["Reader C", "Somebody new"])
def test_only_an_administrator_restores(data: Path, by: str) -> None:
    (first,) = within("restore", "--data", data, "--json").object["backups"]
    with sit_down(data, "Reader C"):
        before = images(data)
    said = within("restore", first, "--data", data, "--by", by, "--json")
    assert said.error == "Only an administrator may restore a backup."
    assert images(data) == before
    assert ("Somebody new", "reader") not in names_of(data)


def test_the_oldest_of_ten_backups_can_be_restored(data: Path) -> None:
    """Leaving the present state behind must not push the wanted one out."""
    for _ in range(9):
        gesture_more(data)
    listed = within("restore", "--data", data, "--json").object["backups"]
    assert len(listed) == 10
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        database.execute("UPDATE image SET view = 'AP'")  # nothing the audit knows of
        database.commit()
    gesture = data / "settings.toml"
    gesture.write_text("backup_keep = 3\n")
    said = within("restore", listed[-1], "--data", data, "--by", "Dr. A", "--json")
    assert said.object["restored"] == listed[-1]
    assert studies(data) == 1


def test_a_lost_database_is_restored_by_whoever_says_a_name(data: Path) -> None:
    (first,) = within("restore", "--data", data, "--json").object["backups"]
    (data / "knuckle.sqlite").unlink()
    refused = within("check", "--data", data, "--json")
    assert refused.error == "The database is missing or empty, and there are backups of it."
    nameless = within("restore", first, "--data", data, "--json")
    assert nameless.error == "A name is needed to restore a backup."
    assert not (data / "knuckle.sqlite").exists(), "refused means that nothing was done"
    said = within("restore", first, "--data", data, "--by", "Dr. A", "--json")
    assert said.object == {"restored": first, "set_aside": None}
    assert images(data) == 4


def test_restore_of_nothing(data: Path, tmp_path: Path) -> None:
    unknown = within("restore", "knuckle-x.sqlite", "--data", data, "--by", "Dr. A", "--json")
    assert unknown.error == "There is no such backup."
    nowhere = within("restore", "knuckle-x.sqlite", "--data", tmp_path / "none", "--by", "Dr. A", "--json")
    assert nowhere.error == "There is no such backup."
    assert within("restore", "--data", tmp_path / "none", "--json").object == {"backups": []}
    assert not (tmp_path / "none").exists()


# the window


def test_a_window_without_a_display_is_told(tmp_path: Path) -> None:
    bare = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    for arguments in ([], ["demo"]):
        said = knuckle(*arguments, "--data", tmp_path / "data", home=tmp_path, **bare)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("There is no display.")
        assert len(said.err.splitlines()) == 1
