"""The words of the guide, and which figure goes with them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from annotator.ui.guide_figures import JointPicture

RIGHT = (0.0, 0.0)
"""A box at its right place."""


@dataclass(frozen=True, slots=True)
class Page:
    """figures: each with its caption; none: the twenty joints are drawn."""

    title: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[JointPicture, str], ...] = ()


def pages() -> tuple[Page, ...]:
    return (_box(), _normal(), _ankylosis(), _subluxation(), _dislocation(), _not_assessable(), *_others())


def _box() -> Page:
    return Page(
        _tr("Placing a box"),
        (
            _tr("A box is square and upright. Its centre lies in the joint space."),
            _tr(
                "Its side is 0.44 of the distance from MP3 to PIP3 of the same hand, so that the ends of "
                "both bones lie inside. All boxes of a hand have the same size."
            ),
            _tr("Where the joint is displaced, the centre lies half way between the two joint surfaces."),
        ),
        (
            (JointPicture(box=RIGHT), _tr("Right: centred on the gap.")),
            (JointPicture(aside=0.5, box=RIGHT), _tr("Right: half way between the surfaces.")),
            (JointPicture(box=(0.3, 0.45), box_good=False), _tr("Wrong: beside the gap.")),
            (JointPicture(box=RIGHT, box_scale=0.55, box_good=False), _tr("Wrong: too small.")),
        ),
    )


def _normal() -> Page:
    return Page(
        _tr("Normal"),
        (
            _tr("A dark gap separates the bones, and their surfaces face each other over their width."),
            _tr("Without ankylosis and displacement a joint is normal here, whatever else it shows."),
        ),
        ((JointPicture(box=RIGHT), _tr("Normal.")),),
    )


def _ankylosis() -> Page:
    return Page(
        _tr("Ankylosis"),
        (
            _tr("The joint space is bridged by bone: there is no gap, and trabeculae run through."),
            _tr("It is judged on all twenty joints and may stand beside a displacement."),
        ),
        (
            (JointPicture(), _tr("Normal.")),
            (JointPicture(fused=True), _tr("Ankylosis: bone from one side to the other.")),
        ),
    )


def _subluxation() -> Page:
    return Page(
        _tr("Subluxation"),
        (
            _tr("The joint surfaces have lost part of their contact, not all of it."),
            _tr("It is not judged on the IP joints of the thumbs."),
        ),
        (
            (JointPicture(), _tr("Normal.")),
            (JointPicture(aside=0.45), _tr("Subluxation: only part of them in contact.")),
        ),
    )


def _dislocation() -> Page:
    return Page(
        _tr("Dislocation"),
        (
            _tr("The joint surfaces have lost all of their contact; the bones often overlap."),
            _tr("A joint is subluxed or dislocated, not both."),
            _tr("It is not judged on the IP joints of the thumbs."),
        ),
        (
            (JointPicture(aside=0.45), _tr("Subluxation.")),
            (JointPicture(aside=0.86, over=0.42), _tr("Dislocation: no contact, overlap.")),
        ),
    )


def _not_assessable() -> Page:
    return Page(
        _tr("Not assessable"),
        (
            _tr("The joint cannot be judged: cropped, amputated, implant, overlap or not visible."),
            _tr("It may have a box or none. It counts as done."),
        ),
        (
            (JointPicture(cropped=True), _tr("Cropped by the edge of the film.")),
            (JointPicture(implant=True), _tr("Implant.")),
        ),
    )


def _others() -> tuple[Page, Page]:
    return (
        Page(
            _tr("Probable"),
            (
                _tr("A finding is certain unless you call it probable; a question mark shows it then."),
                _tr("Say probable where it would not surprise you that somebody else calls it normal."),
            ),
            ((JointPicture(aside=0.2), _tr("Subluxation? Probable.")),),
        ),
        Page(
            _tr("The twenty joints"),
            (_tr("Digit 1 is the thumb. The thumb has IP and MP, every other finger PIP and MP."),),
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Guide", text)
