"""Which image of a study labels are of: studies may call patients alike, and one film differently."""

from __future__ import annotations

from annotator.exchange.label_files import ImageLabels
from annotator.workflow.label_import import Finder, Rule
from tests.study_fixtures import Desk, images_of

OURS = "K-001-visit1-image1.png"


def test_another_film_of_the_same_name_is_refused(at_desk: Desk) -> None:
    finder = Finder(images_of(at_desk, at_desk.study))
    stranger = ImageLabels(OURS, (), pixels_sha256="0" * 64)
    assert finder.find(stranger) == "The image of this name in exports is another film: its pixels differ."
    visit = ImageLabels("any.png", (), patient_code="K-001", visit=1, pixels_sha256="0" * 64)
    assert str(finder.find(visit)).endswith("patient code and visit is another film: its pixels differ.")


def test_the_same_film_is_found_by_its_pixels_whatever_it_is_called(at_desk: Desk) -> None:
    first, second = images_of(at_desk, at_desk.study)[:2]
    finder = Finder([first, second])
    for name in ("K-009-visit1-image9.png", OURS):
        labels = ImageLabels(name, (), pixels_sha256=second.file.pixels_sha256)
        assert finder.find(labels) == (second, Rule.PIXELS)
    assert finder.find(ImageLabels(OURS, (), pixels_sha256=first.file.pixels_sha256)) == (
        first,
        Rule.EXPORTED,
    )
    assert finder.find(ImageLabels(OURS, ())) == (first, Rule.EXPORTED), "a file that does not say"
