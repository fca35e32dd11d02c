"""Reports of real evaluations: what stands in the tables, the page and the record."""

import base64
import functools
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from scan_samples import PERFECT, Errors, scan_of

from detector.dataset import JOINTS, Release
from detector.evaluate import evaluate, results
from detector.folds import part, split
from detector.measuring.choice import choose
from detector.measuring.comparison import between
from detector.measuring.intervals import Interval
from detector.measuring.scoring import Parts, score
from detector.metrics import Average, FindingCounts
from detector.release.sources import from_phantoms
from detector.report import Report, paper, plain_text, record, write
from detector.report.facts import of_seen
from detector.report.table import Row, Table, markdown, plain
from detector.report.tables import all_tables, classification, detection, scores
from detector.report.words import RESEARCH, interval, mean, number, with_interval

NO_JOINT = (2.0, 2.0, 32.0, 32.0)
BLIND = {finding: frozenset(["R-MP5"]) for finding in ("ankylosis", "subluxation")}
WRONG = Errors(
    missed=BLIND,
    wrong={"ankylosis": frozenset(["L-PIP3"]), "subluxation": frozenset(["L-MP2"])},
    extra=(NO_JOINT,),
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Five patients at one visit each, small, in five folds."""
    return from_phantoms(
        tmp_path_factory.mktemp("report") / "release",
        range(5),
        1,
        findings_rate=0.1,
        size=(420, 520),
        divide=functools.partial(split, count=5),
    )


def parts_of(release: Release, errors: dict[int, Errors], count: int = 5) -> Parts:
    """Folds as parts, one of them with errors."""
    told = {
        image.file: errors.get(fold, PERFECT) for fold in range(5) for image in part(release, fold).held_out
    }
    scan = scan_of(release, lambda image: told[image.file])
    held = [part(release, fold).held_out for fold in range(count)]
    return {f"Fold {n}": results(images, evaluate(release, images, scan)) for n, images in enumerate(held, 1)}


@pytest.fixture(scope="module")
def report(release: Release) -> Report:
    """A cross-validation with something of every kind to show."""
    parts = parts_of(release, {1: WRONG})
    facts = {"Release": "<release> & co, 5 images", "Scan": "whole, t_conf 0.9"}
    return Report("crossval", "Five-fold cross-validation", facts, {"whole": score(parts)}, {"whole": parts})


@pytest.fixture(scope="module")
def written(report: Report, release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    files = write(report, folder, lambda result: release.pixels(result.image))
    assert [file.name for file in files] == ["report.json", "report.md", "report.html"]
    assert sorted(file.name for file in folder.iterdir()) == ["report.html", "report.json", "report.md"]
    return folder


# --- the paper's tables -----------------------------------------------------------------------------------


def test_table_1_has_the_paper_s_layout_and_figures(report: Report) -> None:
    table = detection(report.evaluations["whole"])
    assert table.name == "Table 1"
    assert table.head[:6] == (
        "Fold 1 (%)", "Fold 2 (%)", "Fold 3 (%)", "Fold 4 (%)", "Fold 5 (%)", "Average (%)"
    )  # fmt: skip
    assert [row.label for row in table.rows] == [
        "Ankylosis", "Paper", "Subluxation", "Paper", "Ensemble", "Paper"
    ]  # fmt: skip
    ankylosis, published = table.rows[:2]
    assert ankylosis.cells[:7] == ("100.00", "95.00", "100.00", "100.00", "100.00", "99.00", "99 of 100")
    assert published.published
    assert published.cells[:6] == ("99.7", "99.8", "99.8", "99.9", "100.0", "99.88")
    assert table.rows[2].cells[6] == "89 of 90"


def test_tables_2_and_3_hold_the_paper_s_counts(report: Report) -> None:
    evaluation = report.evaluations["whole"]
    for name, finding in (("Table 2", "subluxation"), ("Table 3", "ankylosis")):
        table = classification(name, evaluation, finding)
        assert table.head == ("Fold 1", "Fold 2", "Fold 3", "Fold 4", "Fold 5", "All")
        assert [row.label for row in table.rows[::2]] == [
            "True positive", "False positive", "True negative", "False negative"
        ]  # fmt: skip
        fields = ("true_positive", "false_positive", "true_negative", "false_negative")
        for field, here, theirs in zip(fields, table.rows[::2], table.rows[1::2], strict=True):
            own = [getattr(one, field) for one in evaluation.findings[finding].parts]
            assert here.cells == tuple(str(n) for n in [*own, sum(own)])
            assert theirs.cells[:5] == tuple(str(getattr(one, field)) for one in paper.FINDINGS[finding])
    assert paper.FINDINGS["ankylosis"][2] == FindingCounts(28, 1, 969, 3)


def test_the_scores_stand_beside_those_of_the_paper(report: Report) -> None:
    table = scores(report.evaluations["whole"], "ankylosis")
    rows = {row.label: row.cells for row in table.rows}
    names = ("Accuracy", "Precision", "Recall", "Specificity", "F", "Mean IoU")
    assert [rows[name][-1] for name in names] == ["0.99", "0.98", "0.81", "0.99", "0.88", "0.907"]
    assert re.fullmatch(r"0\.\d{3} \(0\.\d{3} to 1\.000\)", rows["Accuracy"][1])


def test_folds_other_than_five_leave_the_paper_s_folds_out(release: Release) -> None:
    evaluation = score(parts_of(release, {}, count=2), rounds=50)
    assert detection(evaluation).rows[1].cells == ("–", "–", "99.88", "–", "–")
    assert classification("Table 3", evaluation, "ankylosis").rows[1].cells == ("–", "–", "127")


def test_one_part_stands_beside_the_paper_s_averages(release: Release) -> None:
    evaluation = score({"Test set": parts_of(release, {}, count=1)["Fold 1"]}, rounds=50)
    table = detection(evaluation)
    assert table.head == ("Test set (%)", "Joints", "95 % interval")
    assert [row.cells[0] for row in table.rows] == ["100.00", "99.88", "100.00", "99.93", "100.00", "99.98"]
    assert "misses 15 % of joints at most" in table.notes[-1]
    assert all(len(row.cells) == len(one.head) for one in all_tables(evaluation) for row in one.rows)


def test_every_row_fills_its_table(report: Report) -> None:
    for table in all_tables(report.evaluations["whole"]):
        assert {len(row.cells) for row in table.rows} == {len(table.head)}, table.caption


# --- how numbers are written ------------------------------------------------------------------------------


def test_undefined_is_said_in_words() -> None:
    never = Interval(None, None, None, 10, 10)
    assert number("f", None) == interval("f", never) == with_interval("f", never) == "undefined"
    assert mean("f", Average(None, 0, 5)) == "undefined"
    assert mean("f", Average(0.75, 2, 3)) == "0.750 (of 2)"
    assert mean("rate", Average(0.75, 5, 0)) == "75.00"


def test_differences_have_a_sign() -> None:
    found = Interval(0.0125, -0.00004, 0.02, 10, 0)
    assert with_interval("rate", found, sign=True) == "+1.25 (0.00 to +2.00)"
    assert number("f", -0.5, sign=True) == "−0.500"
    assert number("f", -0.5) == "-0.500"


# --- plain text and Markdown ------------------------------------------------------------------------------

TABLE = Table(
    "Table 9",
    "Of *stars* | and bars.",
    ("A long head of more than one line", "B"),
    (Row("One", ("1.00", "undefined")), Row("Paper", ("2.0", "–"), published=True)),
    ("A note.",),
)


def test_a_plain_table_lines_up() -> None:
    assert plain(TABLE).splitlines() == [
        "Table 9. Of *stars* | and bars.",
        "             A long head of",
        "         more than one line          B",
        "--------------------------------------",
        "One                    1.00  undefined",
        "  Paper                 2.0          –",
        "A note.",
    ]


def test_a_table_in_markdown_is_one_table() -> None:
    lines = markdown(TABLE).splitlines()
    assert lines[0] == r"**Table 9.** Of \*stars\* \| and bars."
    assert lines[2] == "| | A long head of more than one line | B |"
    assert lines[4:6] == ["| One | 1.00 | undefined |", "| *Paper* | *2.0* | *–* |"]
    assert lines[-1] == "A note."


def test_the_terminal_shows_every_table(report: Report) -> None:
    text = plain_text(report)
    assert RESEARCH in text
    for name in ("Table 1. ", "Table 2. ", "Table 3. "):
        assert text.count(name) == 1
    assert "Release: <release> & co, 5 images" in text


# --- report.md and report.json ----------------------------------------------------------------------------


def test_the_markdown_lists_every_case(report: Report, written: Path) -> None:
    text = (written / "report.md").read_text("utf-8")
    assert f"**{RESEARCH}**" in text
    assert "| *Paper* | *99.7* |" in text
    assert text.count("images/P0000") == len(report.evaluations["whole"].cases) == 4
    assert "Missed joint: R-MP5" in text
    assert r"\<release>" in text


def test_the_record_holds_all_figures_and_is_strict_json(report: Report, written: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads((written / "report.json").read_text("utf-8"), parse_constant=refuse)
    assert found == json.loads(json.dumps(record(report)))
    assert (found["format"], found["version"], found["kind"]) == ("knuckle-report", 1, "crossval")
    assert found["use"] == RESEARCH
    whole = found["evaluations"]["whole"]
    assert whole["parts"] == [f"Fold {n}" for n in range(1, 6)]
    assert whole["detection"]["ensemble"]["total"]["scores"]["rate"] == 0.99
    assert whole["detection"]["ensemble"]["intervals"]["rate"]["low"] < 0.99
    assert len(whole["cases"]) == 4
    assert whole["by_joint"]["R-MP5"] == [4, 5]
    assert whole["curves"]["ankylosis"]["roc"]["threshold"][0] is None, "infinity is no number of JSON"
    assert found["choice"] is None
    assert found["paper"]["averages"]["ankylosis"]["f"] == "0.88"


# --- the page ---------------------------------------------------------------------------------------------

VOID = {"meta", "image", "rect", "path", "circle"}


class Balance(HTMLParser):
    """Which tags are open, and everything that a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta",):
            self.open.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone(written: Path) -> None:
    text = (written / "report.html").read_text("utf-8")
    page = Balance()
    page.feed(text)
    assert page.open == []
    assert page.fetched
    assert all(one.startswith("data:image/png;base64,") for one in page.fetched)
    assert not re.search(r"https?://|@import|url\(|<script|<link", text)
    assert text.count(RESEARCH) == 2
    assert "&lt;release&gt; &amp; co" in text
    assert 'name="viewport"' in text


def test_every_case_has_a_picture_of_its_place(written: Path, report: Report) -> None:
    text = (written / "report.html").read_text("utf-8")
    figures = re.findall(r'<figure class="case">(.*?)</figure>', text, re.DOTALL)
    assert len(figures) == len(report.evaluations["whole"].cases) == 4
    headings = [re.findall("<strong>(.*?)</strong>", one)[0] for one in figures]
    assert headings[:2] == ["Missed joint: R-MP5", "False box"]
    assert sum("ankylosis: L-PIP3" in one for one in headings) == 1
    assert sum("subluxation/dislocation: L-MP2" in one for one in headings) == 1
    for one in figures:
        drawn = ET.fromstring(re.findall("<svg.*?</svg>", one)[0])
        data = drawn.find("image").get("href").partition(",")[2]
        pixels = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_UNCHANGED)
        assert pixels.shape == (200, 200)
        assert pixels.dtype == np.uint8
        styles = [rect.get("class") for rect in drawn.iter("rect")]
        assert len([style for style in styles if "faint" not in style]) in (1, 2)
    assert "present 0.990, absent 0.006" in text
    assert "both detectors" in text


def test_the_page_names_every_joint_on_the_drawn_hands(written: Path) -> None:
    text = (written / "report.html").read_text("utf-8")
    (drawing,) = re.findall('<svg class="hands".*?</svg>', text)
    titles = re.findall("<title>(.*?)</title>", drawing)
    assert {title.partition(":")[0] for title in titles} == set(JOINTS)
    assert "R-MP5: 4 of 5 detected" in titles
    assert 'class="joint few"' in drawing


def test_the_charts_are_drawings(written: Path) -> None:
    text = (written / "report.html").read_text("utf-8")
    charts = re.findall('<svg class="chart".*?</svg>', text)
    assert len(charts) == 4
    for one in charts:
        drawn = ET.fromstring(one)
        assert not re.search("nan|inf", one)
        assert len(list(drawn)) > 12
    assert len(re.findall('class="bar"', charts[3])) == 20


def test_a_report_of_two_scans_says_which_to_take(release: Release, tmp_path: Path) -> None:
    sides = {"windows": parts_of(release, {}, 2), "whole": parts_of(release, {0: WRONG}, 2)}
    everything = {name: [one for part in side.values() for one in part] for name, side in sides.items()}
    scored = {name: score(side, rounds=50) for name, side in sides.items()}
    choice = choose(scored, between(*everything.values(), rounds=50))
    report = Report("evaluation", "Both scans", {}, scored, sides, choice)
    write(report, tmp_path, lambda result: release.pixels(result.image))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert choice.sentence.replace('"', "&quot;") in page
    assert choice.sentence in plain_text(report)
    assert 'id="windows"' in page
    assert 'id="whole"' in page
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["choice"]["chosen"] == choice.chosen


def test_what_nobody_could_measure_is_undefined_on_the_page(release: Release, tmp_path: Path) -> None:
    blind = {finding: frozenset(JOINTS) for finding in ("ankylosis", "subluxation")}
    parts = parts_of(release, dict.fromkeys(range(5), Errors(missed=blind)))
    report = Report("crossval", "Nothing", {}, {"whole": score(parts, rounds=50)}, {"whole": parts})
    write(report, tmp_path, lambda result: release.pixels(result.image))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "undefined" in page
    assert not re.search(r"\bnan\b", page_words(page), re.IGNORECASE)
    assert page.count('<figure class="case">') == 100


def page_words(page: str) -> str:
    """The page without its pictures."""
    return re.sub(r"base64,[^\"]*", "", page)


def test_two_ways_of_the_same_report_are_the_same_bytes(
    report: Report, release: Release, written: Path, tmp_path: Path
) -> None:
    again = write(report, tmp_path, lambda result: release.pixels(result.image))
    for file in again:
        assert file.read_bytes() == (written / file.name).read_bytes()


@pytest.mark.parametrize(
    ("seen", "measured", "words"),
    [
        (["A"], 1, "on the one patient measured here:"),
        (["A", "B"], 2, "on all 2 patients measured here:"),
        (["A"], 3, "on 1 of the 3 patients measured here:"),
    ],
)
def test_a_leak_is_told_in_words(seen: list[str], measured: int, words: str) -> None:
    assert words in of_seen(seen, measured, True)["WARNING"]
