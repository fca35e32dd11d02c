"""The next start: what was saved and when, how the image was looked at, and no place that is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from annotator.domain.joints import JOINTS
from annotator.imaging.display import default_look
from annotator.settings import Settings
from tests.export_samples import read_films
from tests.journeys.window_driver import Reader, press_key, reader_at


def saved(reader: Reader) -> str:
    return reader.window.status.saved.text()


def looks_as_the_file_says(reader: Reader) -> bool:
    radiograph = reader.window.sitting.desk.radiograph
    assert radiograph is not None
    return reader.window.view.look == default_look(radiograph.facts.chain, radiograph.values)


def open_image(reader: Reader) -> int:
    image = reader.window.sitting.desk.image
    assert image is not None
    return image.id


def test_a_reading_says_when_it_was_last_saved_also_after_the_next_start(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        assert saved(reader) == "nothing to save"
        reader.box(reader.truth()[JOINTS[7]][0])
        before = saved(reader)
        assert before == f"✓ saved {datetime.now(UTC).astimezone():%H:%M}{before[-3:]}"
        ids = reader.window.sitting.worklist.ids
        reader.open(ids[1])
        assert saved(reader) == "nothing to save"
        reader.open(ids[0])
        assert saved(reader) == before
    with reader_at(data, qtbot) as reader:
        assert saved(reader) == before


def test_the_look_of_an_image_comes_back_with_it(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        image_id = open_image(reader)
        for key in ("I", "[", "Ctrl+R", "+"):
            reader.key(key)
        look, state = reader.window.view.look, reader.window.view.view_state
        assert not looks_as_the_file_says(reader)
    with reader_at(data, qtbot) as reader:
        assert open_image(reader) == image_id
        assert (reader.window.view.look, reader.window.view.view_state) == (look, state)
        reader.key("PgDown")
        qtbot.waitUntil(lambda: open_image(reader) != image_id)
        assert reader.window.view.look == look, "what the reader has set is kept from image to image"


def test_the_look_of_an_image_that_is_gone_is_laid_over_no_other(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        gone = reader.window.sitting.desk.image
        assert gone is not None
        for key in ("I", "[", "Ctrl+R", "+"):
            reader.key(key)
        reader.window.sitting.administration.withdraw_image(gone, "a test", reader.window.sitting.person)
    with reader_at(data, qtbot) as reader:
        assert open_image(reader) != gone.id
        assert looks_as_the_file_says(reader)
        assert reader.window.view.view_state.fitted
        assert reader.window.view.view_state.quarter_turns == 0


def test_a_window_file_with_nonsense_opens_the_first_image(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        reader.key("I")
    memory = QSettings(str(data / "window.ini"), QSettings.Format.IniFormat)
    key = next(key for key in memory.allKeys() if key.startswith("place"))
    memory.setValue(key, str(memory.value(key)).replace('"zoom": ', '"zoom": 0, "was": '))
    memory.setValue("geometry", "as large as it goes")
    memory.setValue("docks", 3)
    memory.sync()
    with reader_at(data, qtbot) as reader:
        assert looks_as_the_file_says(reader)


def test_the_loupe_magnifies_as_the_preferences_say(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        view = reader.window.view
        press_key(view, "1")
        press_key(view, "L")
        view.pointer_at(view.viewport().rect().center().toPointF())
        first = view.loupe.scene().views()[0].grab().toImage()
        reader.window.take_settings(Settings(loupe_zoom=8.0))
        assert view.loupe.scene().views()[0].grab().toImage() != first


def test_where_all_is_signed_the_first_image_is_open(data: Path, qtbot: QtBot) -> None:
    read_films(data)
    with reader_at(data, qtbot) as reader:
        assert open_image(reader) == reader.window.sitting.worklist.ids[0]
        assert reader.reading.signed
