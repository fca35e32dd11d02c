"""The worklist panel filters, sorts and opens, by pointer and by keyboard, however long the list is."""

import numpy as np
import pytest
from panels_samples import A, CountingStore, click, shelf
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from annotator.domain.annotations import ReadingState
from annotator.domain.images import SortBy, Study, WorklistQuery
from annotator.ui.actions import Actions
from annotator.ui.theme import DARK, LIGHT
from annotator.ui.worklist_model import THUMBNAIL_ROLE, WorklistModel, state_text, visit_text
from annotator.ui.worklist_panel import WorklistPanel
from annotator.workflow.worklist import Worklist

MANY = 100_000


@pytest.fixture
def shelved(tmp_path):
    made = shelf(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def panel(qtbot, shelved):
    made = WorklistPanel(Actions(), DARK)
    qtbot.addWidget(made)
    made.resize(280, 600)
    made.set_worklist(shelved.worklist)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def codes(panel):
    model = panel.model
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


def row_centre(panel, row):
    return panel.list.visualRect(panel.model.index(row, 0)).center()


def test_each_image_is_a_line_with_code_visit_state_and_count(panel, shelved):
    assert codes(panel)[:3] == [
        "K-001 visit 1 · 2015-01 ● complete 20/20",
        "K-001 visit 2 · 2016-02 ◐ in progress 7/20",
        "K-002 visit 1 · 2015-03 ○ new 0/20",
    ]
    row = shelved.worklist.row(shelved.ids[0])
    assert (visit_text(row), state_text(row)) == ("visit 1 · 2015-01", "● complete")


def test_a_click_opens_the_image(panel, shelved, qtbot):
    with qtbot.waitSignal(panel.open_asked) as asked:
        click(panel.list.viewport(), row_centre(panel, 2))
    assert asked.args == [shelved.ids[2]]


def test_the_keyboard_alone_searches_walks_and_opens(panel, shelved, qtbot):
    panel.focus_search()
    assert panel.search.hasFocus()
    QTest.keyClicks(panel.search, "k-002")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert panel.list.hasFocus()
    assert len(codes(panel)) == 2
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.open_asked) as asked:
        QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert asked.args == [shelved.ids[3]]
    QTest.keyClick(panel.list, Qt.Key.Key_Escape)
    assert len(codes(panel)) == 6
    assert panel.search.text() == ""


def test_typing_filters_after_a_moment_without_enter(panel, qtbot):
    panel.focus_search()
    QTest.keyClicks(panel.search, "k-003")
    qtbot.waitUntil(lambda: len(codes(panel)) == 2)
    assert all(code.startswith("K-003") for code in codes(panel))


def test_escape_clears_the_search_and_then_leaves_it(panel):
    panel.focus_search()
    QTest.keyClicks(panel.search, "k-003")
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert (panel.search.text(), len(codes(panel))) == ("", 6)
    assert panel.search.hasFocus()
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert panel.list.hasFocus()


def test_chips_count_and_filter_by_state(panel):
    chips = panel.filters.chips.chips
    assert [chip.text() for chip in chips.values()] == [
        "all 6", "○ new 4", "◐ in progress 1", "● complete 1", "▣ signed 0",
    ]  # fmt: skip
    click(chips[ReadingState.IN_PROGRESS])
    assert codes(panel) == ["K-001 visit 2 · 2016-02 ◐ in progress 7/20"]
    click(chips[ReadingState.SIGNED])
    assert codes(panel) == []
    assert panel.list.hint.startswith("No radiograph matches")
    click(chips[None])
    assert len(codes(panel)) == 6


def test_chips_break_into_rows_and_never_overlap(panel):
    for width in (180, 240, 280, 400, 700):
        panel.resize(width, 600)
        places = [chip.geometry() for chip in panel.filters.chips.chips.values()]
        assert all(panel.filters.chips.rect().contains(place) for place in places)
        assert not any(a.intersects(b) for n, a in enumerate(places) for b in places[n + 1 :])
        heights = {place.height() for place in places}
        assert len(heights) == 1


def test_the_finding_filter_and_the_order_go_to_the_worklist(panel, shelved):
    panel.filters.finding.setFocus()
    QTest.keyClick(panel.filters.finding, Qt.Key.Key_Down)
    assert shelved.worklist.query.finding is A
    assert codes(panel) == ["K-001 visit 1 · 2015-01 ● complete 20/20"]
    QTest.keyClick(panel.filters.finding, Qt.Key.Key_Up)
    QTest.keyClick(panel.filters.sort, Qt.Key.Key_Down)
    assert (shelved.worklist.query.finding, shelved.worklist.query.sort) == (None, SortBy.DATE)
    dates = [code.split(" · ")[1][:7] for code in codes(panel)]
    assert dates == sorted(dates)
    click(panel.filters.direction)
    assert panel.filters.direction.text() == "↓"
    assert [code.split(" · ")[1][:7] for code in codes(panel)] == sorted(dates, reverse=True)


def test_a_worklist_brings_its_query_into_the_filters(panel, shelved):
    shelved.worklist.set_sort(SortBy.PROGRESS, True)
    shelved.worklist.set_state(ReadingState.NEW)
    shelved.worklist.set_text("k-00")
    panel.set_worklist(None)
    panel.set_worklist(shelved.worklist)
    assert panel.filters.sort.currentData() == SortBy.PROGRESS
    assert panel.filters.direction.text() == "↓"
    assert panel.filters.chips.chips[ReadingState.NEW].isChecked()
    assert panel.search.text() == "k-00"


def test_a_worklist_without_an_ordering_has_its_own_orders_alone(panel):
    sort = panel.filters.sort
    assert [sort.itemData(place) for place in range(sort.count())] == list(SortBy)
    assert panel.filters.note.isHidden()
    assert not panel._actions.action("order_anew").isEnabled()


def test_the_open_image_stays_marked_through_filters(panel, shelved):
    panel.set_open(shelved.ids[4])
    assert panel.list.currentIndex().row() == 4
    shelved.worklist.set_text("k-003")
    assert panel.list.currentIndex().row() == 0
    shelved.worklist.set_text("k-001")
    assert not panel.list.currentIndex().isValid()
    shelved.worklist.set_text("")
    assert panel.list.currentIndex().row() == 4


def test_a_changed_reading_changes_its_line_and_the_counts(panel, shelved, qtbot):
    index = panel.model.index(2, 0)
    with qtbot.waitSignal(panel.model.dataChanged) as changed:
        shelved.worklist.refresh_row(shelved.ids[2])
    assert changed.args[0] == index
    assert panel.filters.chips.chips[ReadingState.NEW].text() == "○ new 4"


def test_next_unread_says_its_key_and_asks(panel, qtbot):
    assert panel.next_unread.text() == "Next unread  U"
    with qtbot.waitSignal(panel.next_unread_asked):
        click(panel.next_unread)
    panel._actions.set_keys({"next_unread": "7"})
    assert panel.next_unread.text() == "Next unread  7"


def test_an_empty_worklist_says_what_to_do(qtbot):
    panel = WorklistPanel(Actions({"open_files": "Ctrl+I"}), DARK)
    qtbot.addWidget(panel)
    panel.set_worklist(Worklist(CountingStore(0), None, WorklistQuery(1, 1)))
    assert panel.list.hint == "No radiographs yet:\ndrop a folder here or press Ctrl+I."
    assert not panel.next_unread.isEnabled()
    blank = panel.list.grab().toImage()
    panel.list.hint = ""
    assert panel.list.grab().toImage() != blank


def test_the_study_is_asked_for_only_where_there_is_a_choice(panel, qtbot):
    panel.set_studies([Study(1, "Hands", "K")], 1)
    assert panel.study.isHidden()
    panel.set_studies([Study(1, "Hands", "K"), Study(2, "Feet", "F")], 1)
    assert panel.study.isVisible()
    with qtbot.waitSignal(panel.study_asked) as asked:
        QTest.keyClick(panel.study, Qt.Key.Key_Down)
    assert asked.args == [2]


def test_the_list_takes_no_letters_and_no_input_method(panel):
    panel.focus_list()
    before = panel.list.currentIndex().row()
    QTest.keyClicks(panel.list, "K-003")
    assert panel.list.currentIndex().row() == before
    for widget in (panel.list, panel.list.viewport()):
        assert not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_images_are_counted_and_one_as_one(panel, qtbot):
    assert panel._count.text() == "6 images"
    panel.focus_search()
    QTest.keyClicks(panel.search, "k-002")
    qtbot.waitUntil(lambda: panel._count.text() == "2 of 6 images")
    one = Worklist(CountingStore(1), None, WorklistQuery(1, 1))
    one.thumbnail = lambda _image_id: None
    panel.set_worklist(one)
    assert panel._count.text() == "1 image"


def test_a_hundred_thousand_images_are_asked_for_only_where_they_are_seen(qtbot):
    store = CountingStore(MANY)
    panel = WorklistPanel(Actions(), DARK)
    qtbot.addWidget(panel)
    panel.resize(280, 600)
    worklist = Worklist(store, None, WorklistQuery(1, 1))
    worklist.thumbnail = lambda _image_id: None
    panel.set_worklist(worklist)
    panel.show()
    panel.grab()
    assert panel.model.rowCount() == MANY
    assert 0 < store.asked <= 200
    asked = store.asked
    panel.set_open(MANY - 10)
    panel.grab()
    assert panel.list.visualRect(panel.model.index_of(MANY - 10)).intersects(panel.list.viewport().rect())
    assert 0 < store.asked - asked <= 200
    asked = store.asked
    panel.focus_list()
    for _ in range(5):
        QTest.keyClick(panel.list, Qt.Key.Key_PageUp)
    panel.grab()
    assert store.asked - asked <= 200


def test_thumbnails_are_made_small_once_and_forgotten_when_too_many(qapp):
    class Pictures:
        ids = range(500)
        asked = 0

        def thumbnail(self, image_id):
            self.asked += 1
            return np.full((160, 200), 128, np.uint8)

    model, pictures = WorklistModel(), Pictures()
    model._worklist = pictures
    first = model.data(model.index(0, 0), THUMBNAIL_ROLE)
    assert (first.width(), first.height()) == (96, 76)
    assert model.data(model.index(0, 0), THUMBNAIL_ROLE) is first
    assert pictures.asked == 1
    for row in range(500):
        model.data(model.index(row, 0), THUMBNAIL_ROLE)
    assert len(model._pixmaps) == 300


def test_a_theme_reaches_the_lines(panel):
    panel.list.clearFocus()
    dark = panel.list.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.list.grab().toImage() != dark
