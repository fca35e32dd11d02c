"""What every format keeps: the same boxes, everything beside them, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from hypothesis import given, settings

from annotator.domain.errors import KnuckleError
from annotator.exchange import coco, table, voc, yolo
from annotator.exchange.labels import LabelledImage, LabelledJoint
from tests.exchange.label_samples import any_image, empty, farthest, film, without_boxes

# Pixels by which an edge may have moved, as the docstring of each module says.
ROUNDING = {coco: 1e-9, voc: 0.5, yolo: 1e-4, table: 0.0}
every_format = pytest.mark.parametrize("form", ROUNDING, ids=lambda form: form.__name__.split(".")[-1])


def order(image: LabelledImage) -> str:
    return image.file_name


def round_trip(form: ModuleType, folder: Path, *images: LabelledImage) -> list[LabelledImage]:
    form.write(folder / "out", images)
    back: tuple[LabelledImage, ...] = form.read(folder / "out")
    return sorted(back, key=order)


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@every_format
def test_everything_comes_back(form: ModuleType, tmp_path: Path) -> None:
    images = sorted([film(2), empty(), film(1)], key=order)
    back = round_trip(form, tmp_path, *images)
    assert [without_boxes(image) for image in back] == [without_boxes(image) for image in images]
    assert max(map(farthest, images, back)) <= ROUNDING[form]
    assert there(tmp_path) == ["out"]


@every_format
@settings(max_examples=40)
@given(image=any_image())
def test_any_image_comes_back(form: ModuleType, image: LabelledImage) -> None:
    with TemporaryDirectory() as folder:
        (back,) = round_trip(form, Path(folder), image)
    assert without_boxes(back) == without_boxes(image)
    assert farthest(image, back) <= ROUNDING[form] + 1e-9


@every_format
def test_what_was_read_is_written_with_the_same_bytes(form: ModuleType, tmp_path: Path) -> None:
    first = round_trip(form, tmp_path, film(1), film(2), empty())
    form.write(tmp_path / "again", first)
    form.write(tmp_path / "once more", form.read(tmp_path / "again"))
    for path in (tmp_path / "again").rglob("*"):
        if path.is_file():
            twin = tmp_path / "once more" / path.relative_to(tmp_path / "again")
            assert path.read_bytes() == twin.read_bytes()


@every_format
def test_notice_is_in_it(form: ModuleType, tmp_path: Path) -> None:
    form.write(tmp_path / "out", [film()])
    texts = [path.read_text("utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert any("Research use only, not for diagnosis." in text for text in texts)


@every_format
def test_unicode_and_formulas_come_back(form: ModuleType, tmp_path: Path) -> None:
    joint = replace(film().joints[3], reader="=cmd|' /C calc'!A0")
    other = replace(joint, joint=film().joints[4].joint, reader="山田 太郎 👩‍⚕️ <&\"'>")
    image = LabelledImage("手 – ü & co.png", 2010, 1670, "+K-1", 3, (joint, other))
    (back,) = round_trip(form, tmp_path, image)
    assert without_boxes(back) == without_boxes(image)


@every_format
def test_a_folder_that_is_not_empty_is_left_alone(form: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(KnuckleError, match="not an empty folder"):
        form.write(tmp_path / "out", [film()])
    assert there(tmp_path) == ["out"]
    assert there(tmp_path / "out") == ["mine.txt"]


@every_format
def test_a_cancel_leaves_nothing(form: ModuleType, tmp_path: Path) -> None:
    def cancel(written: int) -> None:
        if written == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        form.write(tmp_path / "out", [film(1), film(2), film(3)], cancel)
    assert there(tmp_path) == []


@every_format
def test_a_fault_half_way_leaves_nothing(form: ModuleType, tmp_path: Path) -> None:
    def images() -> Iterator[LabelledImage]:
        yield film(1)
        raise ZeroDivisionError

    (tmp_path / "out").mkdir()
    with pytest.raises(ZeroDivisionError):
        form.write(tmp_path / "out", images())
    assert there(tmp_path) == ["out"]
    assert there(tmp_path / "out") == []


@every_format
@pytest.mark.parametrize("name", ["K-001-visit1-image1.dcm", "k-001-VISIT1-image1.png"])
def test_two_images_of_one_name_are_refused(form: ModuleType, name: str, tmp_path: Path) -> None:
    with pytest.raises(KnuckleError, match="Two images"):
        form.write(tmp_path / "out", [film(1), replace(film(1), file_name=name)])
    assert there(tmp_path) == []


@every_format
def test_images_are_taken_one_by_one(form: ModuleType, tmp_path: Path) -> None:
    taken: list[int] = []
    written: list[int] = []

    def images() -> Iterator[LabelledImage]:
        for number in range(1, 5):
            assert written == taken  # nothing is asked for ahead
            taken.append(number)
            yield film(number)

    form.write(tmp_path / "out", images(), written.append)
    assert written == [1, 2, 3, 4]


@every_format
def test_what_is_not_there_is_told(form: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "nothing", tmp_path / "empty"):
        with pytest.raises(KnuckleError, match=r"cannot be read: (No such file|there are no annotations)"):
            form.read(path)


def spoil(folder: Path, change: Callable[[str], str]) -> Path:
    """Changes the file of labels in the folder."""
    (path,) = (*folder.glob("annotations.json"), *folder.rglob("*.xml"), *folder.glob("labels.csv"))
    text = change(path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    return path


NAME = "K-001-visit1-image1.png"


@pytest.mark.parametrize("form", [coco, voc, table])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(NAME, "../../x.png"),
        lambda text: text.replace(NAME, "/etc/x.png"),
        lambda text: text.replace(NAME, "C:x.png"),
        lambda text: text.replace(NAME, "NUL.png"),
        lambda text: text.replace("R-PIP3", "R-TOE3"),
        lambda text: text.replace("probable", "perhaps"),
        lambda text: text.replace("amputated", "forgotten"),
        lambda text: text.replace("2010", "20x10"),
        lambda text: text.replace("2010", "10"),
        lambda text: text.replace("width", "breadth"),
        lambda text: text.replace("R-PIP3", "R-PIP2"),
        lambda text: text[: len(text) // 2],
        lambda text: text[:0],
    ],
)
def test_a_spoilt_file_is_told(form: ModuleType, change: Callable[[str], str], tmp_path: Path) -> None:
    form.write(tmp_path / "out", [film()])
    path = spoil(tmp_path / "out", change)
    with pytest.raises(KnuckleError, match="cannot be read") as told:
        form.read(tmp_path / "out")
    assert told.value.message.startswith(path.name)


@pytest.mark.parametrize("form", [coco, voc, table])
def test_what_is_no_text_is_told(form: ModuleType, tmp_path: Path) -> None:
    form.write(tmp_path / "out", [film()])
    spoil(tmp_path / "out", lambda text: text).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnuckleError, match="UTF-8"):
        form.read(tmp_path / "out")


def test_joint_without_a_word_is_read_as_unknown(tmp_path: Path) -> None:
    coco.write(tmp_path / "out", [film()])
    spoil(tmp_path / "out", lambda text: text.replace('"attributes"', '"other"'))
    (image,) = coco.read(tmp_path / "out")
    assert farthest(image, film()) < 1e-9
    assert {(label.reader, label.seen, label.confirmed, label.marks) for label in image.joints} == {
        ("", None, False, ())
    }
    assert isinstance(image.joints[0], LabelledJoint)
