"""The bell-wire to the detector: the only file of the desk that knows it, and only its public face.

What comes from the detector is turned into values of the domain here, and its errors into the desk's own. It
is loaded when it is first needed: the window opens without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotations import ImageFacts
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box, Point
from annotator.domain.proposals import Flag, FlagKind, Probabilities, Proposal, Run, SeenBy, Thresholds
from annotator.domain.versions import ModelVersion, ScanPaper, VersionFolder, VersionPaper
from annotator.workflow.naming import Sheet
from annotator.workflow.proposal_doubts import Doubt, Named
from annotator.workflow.proposal_naming import name_proposals

if TYPE_CHECKING:
    import detector
    from annotator.domain.training import ReleaseFacts

OnShare = Callable[[float], None]
"""Is told the share that is done, 0 to 1; what it raises ends the run."""

AFTER_PROPOSALS = "labels_after_proposals"
"""In the manifest of a release: how many labels were made by who had seen proposals of the image."""

HEAT_METHOD = "layercam"
"""Grad-CAM (paper, Eqs. 6 and 7) of a single box is empty more often than not; see `detector.explain`."""
HEAT_LAYERS = ("conv7", "conv9_2", "conv8_2", "conv6", "conv5_3", "conv4_3")
"""Those of the paper first; all of them need no torch."""

_WORTH_A_FLAG = {
    Doubt.DOUBLE: FlagKind.DUPLICATE,
    Doubt.SURPLUS: FlagKind.UNNAMED,
    Doubt.PLACE: FlagKind.IMPLAUSIBLE,
    Doubt.SIZE: FlagKind.IMPLAUSIBLE,
    Doubt.NAME: FlagKind.IMPLAUSIBLE,
    Doubt.SIDE: FlagKind.IMPLAUSIBLE,
}


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where a detector found its reasons. values: float32 [h, w], 0 to 1, of what it looked at. corner: image
    pixels, where they begin. present: whether the presence of the finding is explained, or its absence."""

    values: NDArray[np.float32]
    corner: Point
    finding: Finding
    layer: str
    present: bool

    @property
    def empty(self) -> bool:
        return not self.values.any()


def shipped_folder() -> Path | None:
    """Where the version lies that comes with Knuckle; None where none does."""

    import detector

    try:
        return detector.shipped_version()
    except detector.DetectorError:
        return None


def offered(folder: Path) -> VersionFolder:
    """What a folder says of the version in it, verified: files, weights, and what it says of its golden
    image. Raises KnuckleError for a damaged one, and for what is no version."""

    import detector

    with _as_ours():
        version = detector.verify_version(folder)
    return VersionFolder(
        version.name,
        version.sha256,
        str(version.folder.resolve()),
        detector.CLASSES,
        version.findings,
        version.created,
        tuple(_figures(version.metrics, version.default_scan)),
    )


def released(folder: Path) -> ReleaseFacts:
    """What a folder says of the release in it; its images are not looked at. Raises KnuckleError for what is
    no release, and for one that was changed or damaged."""
    from annotator.domain.training import ReleaseFacts  # the window opens without it
    from detector import dataset

    try:
        release = dataset.read_release(folder)
        manifest = (release.folder / "manifest.json").read_bytes()
    except dataset.ReleaseError as error:
        raise KnuckleError(
            f"{folder.name} cannot be used as a release: {error}", "Choose another, or export it again."
        ) from error
    except OSError as error:
        raise KnuckleError(f"{folder.name} cannot be read.", "Choose another folder.") from error
    return ReleaseFacts(
        str(release.folder),
        hashlib.sha256(manifest).hexdigest(),
        len(release.images),
        len({image.patient for image in release.images}),
        0 if release.folds is None else len(release.folds.patients),
        bool(release.contents.test),
        knew if isinstance(knew := release.manifest.about.get(AFTER_PROPOSALS), int) else 0,
    )


def release_pixels(folder: Path, file: str) -> NDArray[np.uint16]:
    """An image of a release: uint16 [H, W], bone bright, as the detector sees it. Raises KnuckleError where
    it is gone or was changed, or the release was."""
    from detector import dataset

    try:
        release = dataset.read_release(folder)
        (image,) = (one for one in release.images if one.file == file)
        return release.pixels(image)
    except (dataset.ReleaseError, OSError, ValueError) as error:
        raise KnuckleError(
            f"{file} of the release {folder.name} cannot be shown.",
            "Put the release back as it was when the training began.",
        ) from error


def folder_of(version: ModelVersion) -> Path:
    """Where it lies now. Raises KnuckleError where that is not the version any more."""
    return _load(version).folder.resolve()


def paper_of(version: ModelVersion) -> VersionPaper:
    """Card and thresholds, as they lie in its folder. Raises KnuckleError where that is not the version."""
    loaded = _load(version)
    with _as_ours():
        try:
            card = loaded.card
        except OSError as error:
            raise _gone(version) from error
    scans = (
        ScanPaper(name, name == loaded.default_scan, _thresholds(settings))
        for name, settings in loaded.scans.items()
    )
    return VersionPaper(card, tuple(scans))


class Model:
    """A version that is ready to propose. Everything of it that proposing needs is in memory, read between
    two looks at the hashes: a folder that is damaged or swapped later changes nothing of what was begun."""

    def __init__(self, version: ModelVersion, threads: int | None = None) -> None:
        """threads: how many cores to use, None means all. Raises KnuckleError where the folder is missing, or
        holds another version than was imported, or a damaged one."""

        import detector

        self.version = version
        self._threads = threads
        loaded = _load(version)
        with _as_ours():
            self._detector = detector.Detector(loaded, threads=threads)
            for finding in loaded.findings:
                self._detector.network(finding)
        _load(version)

    @property
    def scan(self) -> str:
        return self._detector.scan

    def propose(self, image_id: int, pixels: NDArray[np.uint16], sheet: Sheet, on_share: OnShare) -> Run:
        """Look at one radiograph: uint16 [H, W], bone bright. Raises KnuckleError where it cannot be run."""
        with _as_ours():
            result = self._detector.detect(pixels, on_share)
        return _run(image_id, self.version, result, sheet)

    def explain(self, pixels: NDArray[np.uint16], box: Box, finding: Finding, layer: str) -> HeatMap:
        """Why the detector of a finding says of a box what it does, presence or absence.

        layer: one of HEAT_LAYERS. Raises KnuckleError where the version cannot be explained here.
        """
        from detector import explain  # reading a film needs none of it

        loaded = _load(self.version)
        named = "ankylosis" if finding is Finding.ANKYLOSIS else "subluxation"
        with _as_ours():
            found = explain.explain(
                loaded,
                named,
                pixels,
                box.corners,
                layer=layer,
                method=HEAT_METHOD,
                threads=self._threads,
            )
        height, width = found.heat.shape
        x0, y0, x1, y1 = (int(v) for v in found.window.tolist())
        x0, y0 = max(x0, 0), max(y0, 0)
        values = found.heat[y0 : min(y1, height), x0 : min(x1, width)].copy()
        return HeatMap(values, (float(x0), float(y0)), finding, layer, found.class_ == "present")


def sha256_of(folder: Path) -> str:
    """The hash of the version in a folder, whose files have theirs. Raises KnuckleError as `offered`."""

    import detector

    with _as_ours():
        return detector.load_version(folder).sha256


def fold_patients(counts: Mapping[str, tuple[int, int, int]], seed: int) -> tuple[tuple[str, ...], ...]:
    """Patients in folds, as the detector divides a release: five, or as many as there are patients; none
    where there is one alone.

    counts: of each patient what is to be spread evenly: images, and ankylosed and displaced joints.
    """
    from detector import folds

    count = min(folds.USUAL_COUNT, len(counts))
    return folds.divided(counts, count=count, seed=seed).patients if count > 1 else ()


def _load(version: ModelVersion) -> detector.Version:
    """From where it was imported; what came with an earlier Knuckle may come with this one as well."""

    import detector

    folder, shipped = Path(version.folder), shipped_folder()
    there = folder.is_dir()
    if not there and shipped is None:
        raise _gone(version)
    with _as_ours():
        loaded = detector.load_version(folder if there or shipped is None else shipped)
    if loaded.sha256 != version.sha256:
        if not there:
            raise _gone(version)
        raise KnuckleError(
            f"The folder of {version.name} holds another version now.",
            "Import it as a version of its own, or put the old folder back.",
        )
    return loaded


def _gone(version: ModelVersion) -> KnuckleError:
    return KnuckleError(
        f"The folder of {version.name} cannot be read any more.", "Put it back, or import it again."
    )


@contextmanager
def _as_ours() -> Iterator[None]:
    import detector

    try:
        yield
    except detector.DetectorError as error:
        raise KnuckleError(error.message, error.advice) from error


def _run(image_id: int, version: ModelVersion, result: detector.Result, sheet: Sheet) -> Run:
    found = result.detections
    boxes = [Box(*map(float, corners)) for corners in found.boxes.tolist()]
    seen_by = [SeenBy(str(seen)) for seen in found.seen_by]
    confidences = [min(max(float(value), 0.0), 1.0) for value in found.confidence]
    named = name_proposals(boxes, confidences, [seen.value for seen in seen_by], sheet)
    proposals = tuple(
        Proposal(
            joint=named.joints[place],
            box=box,
            confidence=confidences[place],
            ankylosis=_probabilities(found.first[place]),
            subluxation=_probabilities(found.second[place]),
            seen_by=seen_by[place],
            flags=_flags(named, place),
        )
        for place, box in enumerate(boxes)
    )
    reasons = {flag.joint: flag.reason for flag in named.flags if flag.doubt is Doubt.MISSING}
    facts: ImageFacts = sheet.facts
    return Run(
        image_id=image_id,
        version_id=version.id,
        version_sha256=version.sha256,
        scan=result.scan,
        runtime=result.runtime,
        thresholds=_thresholds(result.settings),
        proposals=proposals,
        missing=tuple((joint, reasons[joint]) for joint in named.missing),
        hands=facts.hands,
        right_on_left=facts.right_on_left,
    )


def _flags(named: Named, place: int) -> tuple[Flag, ...]:
    """What is doubtful about one box: about itself, and about the joint and the hand that it is named after.

    The box that was kept of several is told so, and so are those that were not."""
    joint = named.joints[place]
    flags = []
    for flag in named.flags:
        if flag.doubt is Doubt.MISSING:
            continue
        if flag.kept == place:
            flags.append(Flag(FlagKind.RESOLVED, flag.reason))
        elif flag.box == place:
            flags.append(Flag(_WORTH_A_FLAG[flag.doubt], flag.reason))
        elif flag.box is None and joint is not None and flag in named.doubts(joint):
            flags.append(Flag(FlagKind.IMPLAUSIBLE, flag.reason))
    return tuple(flags)


def _probabilities(values: NDArray[np.float32]) -> Probabilities:
    """float32 [3] in the order of detector.CLASSES, made to add up to 1."""
    parts = np.clip(values.astype(np.float64), 0.0, 1.0)
    background, absent, present = (parts / parts.sum()).tolist()
    return Probabilities(background, absent, present)


def _thresholds(settings: detector.ScanSettings) -> Thresholds:
    import detector

    first, second = (settings.top[finding] for finding in detector.FINDINGS)
    return Thresholds(settings.t_conf, settings.t_iou1, settings.t_iou2, first, second)


def _figures(metrics: Mapping[str, object], scan: str) -> Iterator[tuple[str, float]]:
    """The figures of a version's default scan, on every set that it was measured on."""
    for of, scans in metrics.items():
        measured = scans.get(scan) if isinstance(scans, Mapping) else None
        if not isinstance(measured, Mapping):
            continue
        for name, value in measured.items():
            number = value[0] if isinstance(value, list) and value else value
            if isinstance(number, int | float) and not isinstance(number, bool):
                yield f"{of}: {name}", float(number)
