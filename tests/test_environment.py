"""The machine below: a sound PySide6, letters for every word, and the folders that are delivered."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QRawFont
from PySide6.QtWidgets import QApplication

from annotator import fonts, paths
from annotator.domain.errors import KnuckleError
from annotator.paths import DataPaths, default_data_folder

# In a process of its own, which ends without clean-up: lost references break the interpreter's exit.
COUNT_LOST_REFERENCES = """
import os, sys
from PySide6.QtCore import QCoreApplication, QObject, Signal
class Bell(QObject):
    rung = Signal()
application = QCoreApplication([])
bell = Bell()
held = sys.getrefcount(True)
for _ in range(200):
    bell.rung.emit()
print(held - sys.getrefcount(True), flush=True)
os._exit(0)
"""

LATIN = "The quick brown fox JUMPS 0123456789 +-.,:;/()[]%&@#? äöüßéèñçÅøłő"
KANA = "あいうえおがぱんゃアイウエオガパンャーッ、。「」・"
KANJI = "母指示指中環小関節左右強直脱臼亜不全読影者髙﨑邉齋藤渡邊"
SIGNS = "◆▲✓○◐●⏎←→↑↓⇧✕■□△⚠°±×≤…–µ²"


def test_pyside_keeps_its_references() -> None:
    command = [sys.executable, "-c", COUNT_LOST_REFERENCES]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert abs(int(run.stdout)) < 20


def draws(font: QFont, letter: str) -> bool:
    """Whether one of the font's families, as delivered, holds this letter (no font of the machine helps)."""
    faces = (QFont(family, font.pointSize(), font.weight()) for family in font.families())
    return any(QRawFont.fromFont(face).supportsCharacter(ord(letter)) for face in faces)


@pytest.mark.parametrize("letters", [LATIN, KANA, KANJI, SIGNS], ids=["latin", "kana", "kanji", "signs"])
@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.DemiBold, QFont.Weight.Bold])
def test_every_letter_is_brought_along(qapp: QApplication, letters: str, weight: QFont.Weight) -> None:
    font = QApplication.font()
    font.setWeight(weight)
    assert [letter for letter in letters if not draws(font, letter)] == []
    metrics = QFontMetricsF(font)
    assert all(metrics.inFontUcs4(ord(letter)) for letter in "Aあ漢◆")


def test_letter_nobody_has_is_noticed(qapp: QApplication) -> None:
    assert not draws(QApplication.font(), "\U000e0fff")


def test_application_writes_in_the_delivered_fonts(qapp: QApplication) -> None:
    assert QApplication.font().families() == list(fonts.FAMILIES)
    for family in fonts.FAMILIES:
        assert QFontInfo(QFont(family)).family() == family


def test_broken_font_is_told(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "annotator"
    (package / "_resources" / "fonts").mkdir(parents=True)
    (package / "_resources" / "fonts" / "Broken.otf").write_bytes(b"no font")
    monkeypatch.setattr(paths, "PACKAGE", package)
    with pytest.raises(KnuckleError, match=r"Broken\.otf cannot be used"):
        fonts.install(qapp)


def test_delivered_folders_are_found() -> None:
    assert (paths.resources() / "fonts" / "LICENSE").is_file()
    assert (paths.migrations() / "env.py").is_file()


def test_missing_resources_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "annotator")
    with pytest.raises(KnuckleError, match="resources folder is missing") as caught:
        paths.resources()
    assert caught.value.advice == "Install Knuckle again."


def test_everything_lies_under_the_data_folder(tmp_path: Path) -> None:
    data = DataPaths(tmp_path / "資料" / "data")
    data.prepare()
    data.prepare()
    assert data.logs.is_dir()
    named = (data.database, data.settings, data.window_state, data.logs, data.backups, data.sample)
    for path in (*named, data.thumbnails, data.lock, data.crash):
        assert path.parent == data.root
    assert data.root.stat().st_mode & 0o077 == 0


def test_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnuckleError, match="cannot be made"):
        DataPaths(tmp_path / "file" / "data").prepare()


def test_data_folder_is_the_users_own() -> None:
    assert default_data_folder().is_relative_to(Path.home())
    assert default_data_folder().name == "knuckle"
