"""A report as a page of HTML: whole in itself, escaped, the same every time, and with every joint in it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from annotator import __version__
from annotator.domain.annotations import ImageFacts
from annotator.domain.errors import KnuckleError
from annotator.domain.joints import JOINTS, Hands, joint_named
from annotator.domain.report import Look, Report
from annotator.exchange import report_page
from annotator.exchange.report_figure import HEIGHT, WIDTH, figure
from annotator.exchange.report_page import page_of
from annotator.exchange.report_words import SIGNS
from annotator.ui.theme import FINDING_SIGNS
from tests.languages import knowing, shout
from tests.report_samples import every_state, image, many_visits, reading, report, said, two_visits

SVG = "{http://www.w3.org/2000/svg}"


class Text(HTMLParser):
    """What somebody reads of a page, and what it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\u00a0", " "))

    @property
    def whole(self) -> str:
        return " ".join(self.words)


def test_the_page_says_what_it_is_and_what_it_is_not_for() -> None:
    page = Text(page_of(report()).html).whole
    for words in (
        "Special findings only, not an mTSS. Research use only, not for diagnosis.",
        "Patient K-015: report over 2 images",
        "Read by Dr. A.",
        "Visit 1, day 0: signed",
        "Visit 2, day 100: complete, not signed",
        "17 of 20",
        "+6 since visit 1",
        "Visit 2 against visit 1, over 17 joints: L-MP3 0 + 3 → 5 + 4 (+6)",
        "judged only once, and left out: R-MP5, L-PIP2, L-PIP4",
        "R-MP5 (not confirmed), L-PIP2 (not assessable: cropped), L-PIP4 (not confirmed)",
        "▲ subluxation? (0 + 3)",
        "◆ ankylosis ■ dislocation (5 + 4)",
        "◆ ankylosis, not confirmed",
        "The rule: special findings, version 1",
        "IP: no JSN",
        "doi 10.1038/s41598-024-58242-0",
        "not seen",
    ):
        assert words in page, words
    assert "2015" not in page


def test_dates_stand_in_it_where_they_were_asked_for() -> None:
    assert "2015-06-09" in page_of(report(dates=True)).html


def test_nothing_is_run_or_fetched() -> None:
    html = page_of(report()).html
    page = Text(html)
    assert not {"script", "link", "img", "iframe", "object", "image", "use", "foreignobject"} & set(page.tags)
    assert not {"src", "href", "xlink:href", "srcset", "data"} & {name for name, _ in page.attributes}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert not re.search(r"url\(|@import|javascript:", html)
    addresses = set(re.findall(r"https?://[^\s\"<]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in html


def test_what_people_typed_is_escaped() -> None:
    wicked = '"><script>alert(1)</script>&'
    looks = [Look(image(1, 1, patient=wicked), reading(1))]
    html = page_of(report(looks, reader=wicked)).html
    assert "script" not in Text(html).tags
    assert html.count("&lt;script&gt;") >= 3
    assert wicked in Text(html).whole


def test_the_same_report_gives_the_same_bytes_and_hurts_no_file(tmp_path: Path) -> None:
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    for path in (first, second):
        report_page.write(path, page_of(report()).html.encode())
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(KnuckleError, match="is there already"):
        report_page.write(first, b"")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.html", "2.html"]


def test_the_drawing_has_every_joint_within_it_and_a_word_where_one_is_needed() -> None:
    drawn = ET.fromstring(figure(report().visits[0], "a <title>"))
    titles = [one.text for one in drawn.iter(f"{SVG}title")]
    assert titles[0] == "a <title>"
    assert sorted(filter(None, titles[1:])) == sorted(joint.name for joint in JOINTS)
    words = [one.text for one in drawn.iter(f"{SVG}text")]
    assert sorted(filter(None, words)) == sorted(
        ["Right hand", "Left hand", "ank.", "ank.", "sub.?", "crop.", "ank. open", "open"]
    )
    for text in drawn.iter(f"{SVG}text"):
        assert 20 < float(text.attrib["x"]) < WIDTH - 20
        assert 10 < float(text.attrib["y"]) < HEIGHT
    for shape in drawn.iter():
        for pair in shape.attrib.get("points", "").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_each_sign_has_a_shape_of_its_own_and_is_dark() -> None:
    shapes = {
        len(points.split()): fill
        for points, fill in re.findall(
            r'<polygon points="([^"]+)" fill="(#\w{6})"', figure(report().visits[1], "")
        )
    }
    assert set(shapes) == {4}
    both = figure(report().visits[0], "")
    assert {len(points.split()) for points in re.findall(r'<polygon points="([^"]+)"', both)} == {3, 4}
    for fill in re.findall(r'<polygon points="[^"]+" fill="(#\w{6})"', both):
        red, green, blue = (int(fill[place : place + 2], 16) for place in (1, 3, 5))
        assert 0.299 * red + 0.587 * green + 0.114 * blue < 110


def test_signs_are_those_of_the_window() -> None:
    assert SIGNS == FINDING_SIGNS


def test_a_hand_that_is_not_shown_and_an_image_that_is_not_read_say_so() -> None:
    looks = [
        Look(image(1, 1), reading(1, said("R-MP2"), facts=ImageFacts(hands=Hands.RIGHT))),
        Look(image(2, 2), reading(2, facts=ImageFacts(excluded="private words"))),
    ]
    html = page_of(report(looks)).html
    assert "Left hand: not on this image" in html
    assert "Right hand: excluded" in html
    assert "image excluded, not signed" in html
    assert "private words" not in html


def test_many_visits_are_written_shorter() -> None:
    html = page_of(report(many_visits(5))).html
    assert "◆ ank. (5" in html
    assert html.count("<figure>") == 5


@pytest.mark.parametrize(
    "told",
    [
        report(),
        report(dates=True),
        report(many_visits(1)),
        replace(report(two_visits()[:1]), whole=False),
        every_state(),
    ],
)
def test_all_of_it_is_in_the_language_that_it_is_asked_for(told: Report) -> None:
    """But for names: of the patient, the reader, the joints, and Knuckle."""
    english, shouted = Text(page_of(told).html), Text(page_of(told, shout).html)
    assert [words.upper() for words in shouted.words] == [words.upper() for words in english.words]
    body = shouted.whole[shouted.whole.index("PATIENT") :]
    left = body.replace("Dr. A", "").replace(__version__, "")
    assert not re.search("[a-z]", left), re.findall(".{20}[a-z]+.{20}", left)
    page = page_of(told, shout)
    assert page.title.startswith("K-015, REPORT O")
    assert all(f"<title>K-015, {one.caption}</title>" in one.svg for one in page.figures)


def test_a_page_says_what_language_it_is_in() -> None:
    assert '<html lang="en">' in page_of(report()).html
    japanese = knowing({("Report", "en"): "ja", ("Report", "Right hand"): "右手"})
    html = page_of(report(), japanese).html
    assert '<html lang="ja">' in html
    assert "右手" in html
    assert (
        '<html lang="&quot;&gt;">'
        in page_of(report(), lambda _context, text: '">' if text == "en" else text).html
    )


def test_one_is_counted_as_one() -> None:
    only = reading(2, facts=ImageFacts(), signed=True)
    one = replace(only, annotations={joint_named("R-MP2"): said("R-MP2")})
    html = page_of(report([Look(image(1, 1), one), Look(image(2, 2), one)])).html
    assert "over 1 joint: no joint changed" in html
    assert "report over 1 image<" in page_of(report([Look(image(1, 1), one)])).html
