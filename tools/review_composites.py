"""Review a folder of two-hand radiographs in the real window, against what is known of them.

    python -m tools.review_composites FOLDER OUT [--images N]

FOLDER is what `two_hand_films.py` writes: DICOM files and truth.json, which says of each file its joints with
their boxes; or what `knuckle demo` draws: a JSON file beside each radiograph. OUT receives pictures of each
step. The shipped version proposes; right and left are swapped where they are not as assumed, what lies on
another joint than it says is rejected, what lies badly is moved; then one joint is relabelled, one moved,
one rejected, the rest accepted, what is missing drawn as normal, a heat map looked at, the reading signed.
Everything else happens in a temporary data folder. The pictures show the films: they belong to nobody's
repository.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, Qt

from annotator.app import House, open_house
from annotator.desktop import application
from annotator.domain.annotations import Reading
from annotator.domain.decisions import Outcome
from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box, Point, iou
from annotator.domain.images import Image, Study
from annotator.domain.joints import Joint, Side, joint_named
from annotator.domain.people import Person, Role
from annotator.domain.proposals import SAME_JOINT, SAME_NAMED_JOINT, Proposal
from annotator.settings import Settings
from annotator.store.detections import Detections
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.ui.tour import Tour, drag, wait_for

SIZE = (1680, 1000)
LIES_WELL = 0.6
"""From this IoU with the truth on a reader would leave a box where it is."""

RELABELLED, MOVED, REJECTED = map(joint_named, ("R-MP1", "L-MP4", "R-PIP5"))

Boxes = Mapping[Joint, Box]


@dataclass(frozen=True)
class Reviewed:
    """What came of one image. proposed: how many; named: how many bear the name of the joint they lie on."""

    name: str
    proposed: int
    named: int
    flagged: int
    outcomes: Mapping[Outcome, int]
    drawn: int
    seconds: float
    signed: bool

    def __str__(self) -> str:
        decided = "  ".join(f"{outcome.value} {self.outcomes.get(outcome, 0):2}" for outcome in Outcome)
        end = "signed" if self.signed else "NOT signed"
        return (
            f"{self.name:14} proposed {self.proposed:2}  right names {self.named:2}  flagged {self.flagged}"
            f"  {decided}  drawn {self.drawn}  {self.seconds:.1f} s  {end}"
        )


def main(words: list[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=int, default=None, help="only so many")
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    app = application()
    theme.apply(app, theme.DARK)
    try:
        with tempfile.TemporaryDirectory() as data, open_house(Path(data) / "data") as house:
            for reviewed in _review(house, given.folder, given.out, given.images):
                print(reviewed)
    except KnuckleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def truths(folder: Path) -> dict[str, Boxes]:
    """The boxes of each radiograph, by the name of its file. Raises KnuckleError where none are known."""
    whole = folder / "truth.json"
    if whole.is_file():
        said = {Path(one["file"]).name: one for one in json.loads(whole.read_text("utf-8"))["images"]}
    else:
        beside = ((path, path.with_suffix(".json")) for path in folder.rglob("*.dcm"))
        said = {path.name: json.loads(at.read_text("utf-8")) for path, at in beside if at.is_file()}
    if not said:
        raise KnuckleError(f"Nothing is known of the radiographs in {folder}.", "Compose some first.")
    return {
        name: {joint_named(joint["name"]): Box(*joint["box"]) for joint in one["joints"]}
        for name, one in said.items()
    }


def _review(house: House, folder: Path, out: Path, count: int | None) -> list[Reviewed]:
    known = truths(folder)
    person = house.administration.enter("Dr. Aoki", Role.READER)
    study = house.administration.create_study("Composites", "C", person)
    house.administration.library.add([folder], study, person, lambda *_: None)
    house.models.bring_shipped(person)
    window = MainWindow(house.sitting(person, study), house.jobs, Settings(), house.paths.window_state)
    window.show()
    tour = Tour(window, out, SIZE)
    images = [image for image in house.administration.studies.images(study.id) if _name(image) in known]
    found = [
        Review(house, person, study, window, tour).of(image, known[_name(image)]) for image in images[:count]
    ]
    window.close()
    return found


class Review:
    """One reader at one image after the other."""

    def __init__(self, house: House, person: Person, study: Study, window: MainWindow, tour: Tour) -> None:
        self._house, self._person, self._study = house, person, study
        self._window, self._tour = window, tour
        self._review = window.sitting.review

    def of(self, image: Image, truth: Boxes) -> Reviewed:
        name = Path(_name(image)).stem
        start = time.monotonic()
        self._tour.open(image.id)
        self._tour.await_proposals()
        seconds = time.monotonic() - start
        self._picture(name, "1-proposed")
        self._close_up(name, truth)
        if _right_on_left(truth) != self._reading.facts.right_on_left:
            self._tour.press("swap_sides")
        self._tour.press("confirm_sides")
        proposals = self._review.undecided
        named = [p for p in proposals if _on_its_joint(p, truth)]
        self._correct(truth)
        self._practise()
        self._picture(name, "4-corrected")
        self._tour.accept()
        self._picture(name, "5-accepted")
        missing = [joint for joint in truth if joint not in self._reading.boxes]
        for joint in missing:
            self._tour.draw(truth[joint])
            self._tour.press("normal")
        self._heat(name)
        self._tour.press("sign")
        self._picture(name, "7-signed")
        decisions = Detections(self._house.database).decisions(image.id, self._person).values()
        return Reviewed(
            name,
            len(proposals),
            len(named),
            sum(bool(proposal.flags) for proposal in proposals),
            Counter(decision.outcome for decision in decisions),
            len(missing),
            seconds,
            self._reading.signed,
        )

    @property
    def _reading(self) -> Reading:
        reading = self._window.sitting.desk.reading
        if reading is None:
            raise KnuckleError("No image is open.", "Open one.")
        return reading

    def _correct(self, truth: Boxes) -> None:
        """What lies on another joint than it says is rejected, what lies badly is dragged to its place."""
        for proposal in self._review.waiting:
            if not _on_its_joint(proposal, truth):
                self._review.choose(proposal)
                self._tour.press("delete_box")
            elif proposal.joint is not None and iou(proposal.box, truth[proposal.joint]) < LIES_WELL:
                self._drag(proposal.box.centre, truth[proposal.joint].centre)

    def _practise(self) -> None:
        """Each of the decisions once, whether it is right or not: another finding, another place, away."""
        for joint, done in ((RELABELLED, "subluxation"), (MOVED, ""), (REJECTED, "delete_box")):
            proposal = self._review.by_joint.get(joint)
            if proposal is None:
                continue
            self._review.choose(proposal)
            if done:
                self._tour.press(done)
            else:
                x, y = proposal.box.centre
                self._drag((x, y), (x + proposal.box.width / 5, y - proposal.box.height / 5))

    def _drag(self, start: Point, end: Point) -> None:
        view = self._window.view
        ends: tuple[QPointF, QPointF] = (view.image_to_widget(start), view.image_to_widget(end))
        drag(view.viewport(), *ends, Qt.KeyboardModifier.NoModifier)

    def _heat(self, name: str) -> None:
        first = next(iter(self._reading.boxes))
        self._window.sitting.desk.set_current(first)
        wait_for(self._window.sitting.heat_maps.ready, lambda: self._tour.press("heat_map"))
        self._picture(name, "6-heat")
        self._tour.press("heat_map")

    def _close_up(self, name: str, truth: Boxes) -> None:
        """One pixel of the film on one of the screen, hand by hand."""
        view, boxes = self._window.view, list(truth.values())
        self._tour.press("one_to_one")
        half = len(boxes) // 2
        for number, hand in enumerate((boxes[:half], boxes[half:]), 2):
            x, y = (sum(values) / len(hand) for values in zip(*(box.centre for box in hand), strict=True))
            view.centre_on(Box.around((x, y), 10, 10))
            self._picture(name, f"{number}-close")
        self._tour.press("fit")

    def _picture(self, name: str, step: str) -> None:
        self._tour.picture(f"{name}-{step}")


def _on_its_joint(proposal: Proposal, truth: Boxes) -> bool:
    """Whether it bears the name of the joint that it lies on: of no other joint it shares as much."""
    if proposal.joint is None or proposal.joint not in truth:
        return False
    own = iou(proposal.box, truth[proposal.joint])
    others = max(iou(proposal.box, box) for joint, box in truth.items() if joint != proposal.joint)
    return own > SAME_JOINT or (own >= SAME_NAMED_JOINT and own > others)


def _right_on_left(truth: Boxes) -> bool:
    """Which hand lies on which half of the image; a film of one hand says nothing, and is as it is taken."""
    across = {side: [b.centre[0] for j, b in truth.items() if j.side is side] for side in Side}
    right, left = across[Side.RIGHT], across[Side.LEFT]
    return not (right and left) or sum(right) / len(right) < sum(left) / len(left)


def _name(image: Image) -> str:
    return Path(image.file.path).name


if __name__ == "__main__":
    sys.exit(main())
