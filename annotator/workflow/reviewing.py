"""The proposals of the open image as its reader is to see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.annotations import Reading
from annotator.domain.decisions import least_certain_first
from annotator.domain.differences import Difference
from annotator.domain.edits import Edit
from annotator.domain.errors import KnuckleError, LockedError, ReplacedError
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.people import Person, Right
from annotator.domain.proposals import FlagKind, Proposal, Run
from annotator.domain.revealing import may_show
from annotator.domain.standing import Standing
from annotator.store.detections import Detections
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.saving import RETRY_EVERY_MS

NOTHING = Standing()


class Review(QObject):
    """One reader at the proposals of the image on the desk.

    threshold: least confidence of what is shown, never below the run's own. behind: what is to be shown could
    not be read, or not be said to be shown; it is tried again. changed(): other proposals are
    shown, or another one is the current one, for another reason than what the desk itself tells by `opened`,
    `changed` and `current_changed`. switched(bool): whether the reader wants to see proposals. Nothing is
    shown before the store was told that it is.
    """

    changed = Signal()
    switched = Signal(bool)

    def __init__(
        self, desk: ReadingDesk, detections: Detections, reader: Person, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._detections, self._reader = desk, detections, reader
        self.standing = NOTHING
        self.behind = False
        self.shown = True
        self.uncertain_first = False
        self._threshold = 0.0
        self._chosen: int | None = None
        self._told: tuple[Standing, Reading | None] | None = None
        self._waiting: tuple[Proposal, ...] = ()
        self._rest_of: tuple[tuple[Proposal, ...], float] | None = None
        self._rest: tuple[Proposal, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=RETRY_EVERY_MS)
        self._again.timeout.connect(self.load)
        desk.opened.connect(self._opened)
        desk.changed.connect(self._edited)
        desk.current_changed.connect(self._joint_chosen)
        desk.refused.connect(self._refused)

    @property
    def run(self) -> Run | None:
        """What is shown, with names as the reader's facts give them."""
        reading = self._desk.reading
        return self.standing.named(reading) if self.shown and reading is not None else None

    @property
    def threshold(self) -> float:
        run = self.standing.run
        return max(self._threshold, run.thresholds.t_conf) if run else self._threshold

    @property
    def undecided(self) -> tuple[Proposal, ...]:
        """What waits for this reader, in the order of the joints, those without one last.

        Boxes that lie on a joint which has a better one are left out (the better one says so), and those of a
        hand that is not shown, as the reader says.
        """
        reading = self._desk.reading
        if not self.shown or reading is None or reading.facts.excluded:
            return ()
        if self._told != (self.standing, reading):
            self._told = self.standing, reading
            named = {p.id for p in self.standing.run.proposals if p.joint} if self.standing.run else set()
            found = [
                proposal
                for proposal in self.standing.undecided(reading)
                if not _is_double(proposal) and (proposal.joint is not None or proposal.id not in named)
            ]
            self._waiting = tuple(sorted(found, key=_place))
        return self._waiting

    @property
    def waiting(self) -> tuple[Proposal, ...]:
        """Of these the ones that are shown: at or above the threshold, in the order that the reader chose."""
        found = tuple(p for p in self.undecided if p.confidence >= self.threshold)
        return least_certain_first(found) if self.uncertain_first else found

    @property
    def by_joint(self) -> Mapping[Joint, Proposal]:
        return {proposal.joint: proposal for proposal in self.waiting if proposal.joint is not None}

    @property
    def rest(self) -> tuple[Proposal, ...]:
        """What "accept the rest" takes."""
        reading, asked = self._desk.reading, (self.undecided, self.threshold)
        if reading is None or self._desk.locked or not self.undecided:
            return ()
        if self._rest_of != asked:
            rest = set(self.standing.rest(reading, self.threshold))
            self._rest_of, self._rest = asked, tuple(p for p in self.undecided if p in rest)
        return self._rest

    @property
    def current(self) -> Proposal | None:
        """The one that keys decide on: of the current joint, or one that was chosen without a joint."""
        if self._chosen is not None:
            return next((p for p in self.waiting if p.id == self._chosen), None)
        joint = self._desk.current
        return self.by_joint.get(joint) if joint is not None else None

    @property
    def differences(self) -> tuple[Difference, ...]:
        reading = self._desk.reading
        return self.standing.differences(reading) if self.run is not None and reading is not None else ()

    def set_threshold(self, threshold: float) -> None:
        self._threshold = threshold
        self.changed.emit()

    def set_uncertain_first(self, on: bool) -> None:
        self.uncertain_first = on
        self.changed.emit()

    def set_shown(self, shown: bool) -> None:
        """Whether the reader wants to see proposals at all."""
        self.shown = shown
        self.switched.emit(shown)
        self.load()

    def choose(self, proposal: Proposal) -> None:
        """Make it the current one, and its joint the current joint."""
        if proposal.joint is not None:
            self._chosen = None
            self._desk.set_current(proposal.joint)
        else:
            self._desk.set_current(None)
            self._chosen = proposal.id
            self.changed.emit()

    def step(self, by: int) -> None:
        """The next or the previous one that waits, round the ends."""
        if self.waiting:
            current, waiting = self.current, self.waiting
            start = waiting.index(current) if current is not None else (-1 if by > 0 else 0)
            self.choose(waiting[(start + by) % len(waiting)])

    def after(self, proposal: Proposal) -> Proposal | None:
        """The one that is next once this one is decided on."""
        waiting = self.waiting
        at = waiting.index(proposal) if proposal in waiting else -1
        others = waiting[at + 1 :] + waiting[: max(at, 0)]
        return others[0] if others else None

    def close(self) -> None:
        """The window closes."""
        self._again.stop()

    def arrived(self, image_id: int) -> None:
        """A run over this image was stored."""
        if self._desk.image is not None and self._desk.image.id == image_id:
            self.load()

    def load(self) -> None:
        """Read again what this reader is to see, and say so to the store before it is shown."""
        self._take_in()
        self.changed.emit()

    def _take_in(self) -> None:
        self.standing = self._loaded()
        self._told = None
        if self._chosen is not None and self.current is None:
            self._chosen = None

    def _loaded(self) -> Standing:
        image, reading = self._desk.image, self._desk.reading
        if image is None or reading is None or reading.facts.excluded:
            return NOTHING  # nothing is shown of an excluded one, so that nothing is said to be
        try:
            standing = self._detections.standing(image.id, self._reader)
            if standing.run is not None and self.shown and self._reader.may(Right.READ):
                now = self._detections.reveal(image.id, self._reader)
                standing = replace(standing, revealed=standing.revealed or now)
        except LockedError:
            return NOTHING
        except KnuckleError as error:
            if not self.behind:  # told once
                self._desk.refused.emit(error)
            self.behind = True
            self._again.start()
            return NOTHING
        self.behind = False
        return standing

    def _opened(self) -> None:
        self._chosen = None
        self._take_in()

    def _edited(self, edit: Edit | None) -> None:
        reading = self._desk.reading
        if edit is None or reading is None or edit.facts is not None or self._stale(reading):
            self._take_in()
        else:
            self.standing = self.standing.after(edit)

    def _stale(self, reading: Reading) -> bool:
        """More may be shown than is."""
        standing = self.standing
        return self.behind or (standing.hidden and may_show(standing.policy, reading, revealed=False))

    def _joint_chosen(self, joint: Joint | None) -> None:
        if joint is not None:
            self._chosen = None

    def _refused(self, error: KnuckleError) -> None:
        if isinstance(error, ReplacedError):
            self.load()


def _is_double(proposal: Proposal) -> bool:
    return any(flag.kind is FlagKind.DUPLICATE for flag in proposal.flags)


def _place(proposal: Proposal) -> tuple[int, float]:
    place = JOINTS.index(proposal.joint) if proposal.joint is not None else len(JOINTS)
    return place, -proposal.confidence
