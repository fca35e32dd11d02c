"""Preferences survive whatever happens to their file."""

import os
import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from annotator.domain.errors import KnuckleError
from annotator.settings import Settings, load, save

CHANGED = Settings(
    theme="light",
    joint_names="MCP",
    digits="roman",
    language="ja",
    keys={"confirm": "Return", "ankylosis": "Ctrl+Shift+A"},
    backup_keep=3,
    loupe_zoom=4.5,
    zoom_smooth=False,
    propose_ahead=False,
    last_reader="渡邉",
    last_study="K 研究",
)


def test_first_start_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.toml") == (Settings(), None)


def test_saved_preferences_come_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    defaults = asdict(Settings())
    assert all(asdict(CHANGED)[name] != value for name, value in defaults.items() if name != "unknown")
    save(path, CHANGED)
    assert load(path) == (CHANGED, None)
    save(path, Settings())
    assert load(path) == (Settings(), None)
    assert [file.name for file in tmp_path.iterdir()] == ["settings.toml"]


@given(
    settings=some.builds(
        Settings,
        theme=some.sampled_from(["dark", "light"]),
        keys=some.dictionaries(some.text(), some.text()),
        backup_keep=some.integers(1, 1000),
        loupe_zoom=some.floats(1, 16),
        last_reader=some.text(some.characters(exclude_categories=["Cs"])),
    )
)
def test_any_words_come_back(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    save(path, settings)
    assert load(path) == (settings, None)


def test_what_a_newer_program_wrote_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('theme = "light"\nshadow = 3\n[comparison]\nside = "left"\n')
    settings, problem = load(path)
    assert (settings.theme, problem) == ("light", None)
    save(path, replace(settings, theme="dark"))
    written = tomllib.loads(path.read_text())
    assert (written["theme"], written["shadow"], written["comparison"]) == ("dark", 3, {"side": "left"})


@pytest.mark.parametrize(
    "content",
    [b'theme = "li', b"\xff\xfe\x00", b"theme = [", b'theme = "light"\n\x00\x00\x00\x00', b"<xml/>"],
)
def test_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    settings, problem = load(path)
    assert settings == Settings()
    assert problem is not None
    assert "settings.toml.bad" in problem
    assert not path.exists()
    assert (tmp_path / "settings.toml.bad").read_bytes() == content
    assert load(path) == (Settings(), None)


def test_file_cut_off_anywhere_never_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save(path, CHANGED)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        settings, _ = load(path)
        assert settings.theme in ("dark", "light")


@pytest.mark.parametrize(
    "line",
    [
        'theme = "pink"',
        "theme = []",
        "language = 3",
        "backup_keep = 0",
        "backup_keep = true",
        "backup_keep = 2.5",
        "loupe_zoom = nan",
        "loupe_zoom = -1",
        "zoom_smooth = 1",
        "last_reader = 7",
        "keys = { confirm = 3 }",
        'keys = "Return"',
    ],
)
def test_bad_value_falls_back_alone(tmp_path: Path, line: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'{line}\ndigits = "roman"\n')
    settings, problem = load(path)
    assert settings == Settings(digits="roman")
    assert problem is not None
    assert line.split()[0] in problem


def test_folder_in_the_way_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.mkdir()
    settings, problem = load(path)
    assert settings == Settings()
    assert problem is not None
    with pytest.raises(KnuckleError, match="could not be saved"):
        save(path, CHANGED)
    assert [file.name for file in tmp_path.iterdir()] == ["settings.toml"]


def test_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    save(path, CHANGED)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnuckleError, match="could not be saved"):
        save(path, Settings())
    assert load(path) == (CHANGED, None)
    assert [file.name for file in tmp_path.iterdir()] == ["settings.toml"]
