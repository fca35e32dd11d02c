"""From the pixels of a radiograph to joints with what both detectors say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector import windows
from detector.classes import FINDINGS
from detector.ensemble import Candidates, Detections, combine, select
from detector.errors import DetectorError
from detector.passes import passes, passes_count
from detector.runtime import Network, check_runtime, cores, open_network
from detector.scan import candidates
from detector.version.values import SCANS, ScanSettings, Version

Pixels = NDArray[np.uint16]
NOTHING = Candidates(np.zeros((0, 4), np.float32), np.zeros((0, 3), np.float32))
NOTHING_RAN = "none: an image of one grey"
"""The runtime of a result for which no network had to be asked."""

OnProgress = Callable[[float], None]
"""Is told the share that is done, 0 to 1; what it raises ends the scan."""


@dataclass(frozen=True, eq=False)
class Result:
    """What was found on one radiograph, and how.

    selected: finding -> the boxes of its detector alone, out of `ensemble.select`. runtime: what ran the
    networks, with its version, device and precision. version, version_sha256: name and hash of the version.
    """

    detections: Detections
    selected: Mapping[str, Candidates]
    scan: str
    settings: ScanSettings
    runtime: str
    version: str
    version_sha256: str


class Detector:
    """Both detectors of a version, ready to look at radiographs. Networks are opened when they are first
    needed, and kept."""

    def __init__(
        self,
        version: Version,
        *,
        scan: str | None = None,
        runtime: str | None = None,
        precision: str | None = None,
        threads: int | None = None,
    ) -> None:
        """scan: "windows" or "whole". runtime: "onnxruntime", "torch" or "openvino". precision: "f32", or
        what else a runtime has. threads: how many cores to use, at most those that there are; None means
        all. What else is None is the version's default; the precision of another runtime is f32.

        Raises DetectorError for a scan, runtime or precision that there is none of, or no thread.
        """
        self.version = version
        self.scan = scan or version.default_scan
        if self.scan not in SCANS:
            raise DetectorError(f'There is no scan "{self.scan}".', f"Choose one of {', '.join(SCANS)}.")
        usual, usual_precision = version.default_runtime
        self._runtime = runtime or usual
        self._precision = precision or (usual_precision if self._runtime == usual else "f32")
        check_runtime(self._runtime, self._precision)
        self._threads = cores(threads)
        self._networks: dict[str, Network] = {}

    @property
    def settings(self) -> ScanSettings:
        return self.version.scans[self.scan]

    def detect(self, pixels: Pixels, on_progress: OnProgress | None = None) -> Result:
        """Looks at one radiograph: uint16 [H, W], bone bright, any bit depth.

        Raises DetectorError for pixels that make no sense, a version without one of the detectors, and
        networks that cannot be run.
        """
        if not self.version.complete:
            (only,) = self.version.findings
            raise DetectorError(
                f"{self.version.name} holds the detector of {only} alone.",
                "Take a version with both detectors.",
            )
        selected = self.selected(pixels, on_progress)
        first, second = (selected[finding] for finding in FINDINGS)
        settings = self.settings
        found = combine(first, second, t_iou=settings.t_iou2, top=settings.top[FINDINGS[0]])
        ran = dict.fromkeys(network.runtime for network in self._networks.values())
        runtime = NOTHING_RAN if is_one_grey(pixels) else " and ".join(ran)
        return Result(found, selected, self.scan, settings, runtime, self.version.name, self.version.sha256)

    def selected(self, pixels: Pixels, on_progress: OnProgress | None = None) -> dict[str, Candidates]:
        """Finding -> the boxes of its detector, out of `ensemble.select`. Raises as `detect` does."""
        settings = self.settings
        found = self.candidates(pixels, settings.t_conf, on_progress)
        return {
            finding: select(one, t_conf=settings.t_conf, t_iou=settings.t_iou1, top=settings.top[finding])
            for finding, one in found.items()
        }

    def candidates(
        self, pixels: Pixels, least: float, on_progress: OnProgress | None = None
    ) -> dict[str, Candidates]:
        """Finding -> every box with a confidence at or above `least`, as it comes out of its network. Raises
        DetectorError as `detect`."""
        page = page_of(pixels)
        if is_one_grey(pixels):  # nothing stands out
            return dict.fromkeys(self.version.findings, NOTHING)
        progress = Shares(on_progress)
        found = {}
        for done, finding in enumerate(self.version.findings):
            network = self.network(finding)
            todo = passes(page, self.scan, self.settings, network.batch)
            count = passes_count(page, self.scan, self.settings, network.batch)
            progress.part(done, len(self.version.findings), count)
            found[finding] = candidates(network, todo, pixels.shape, least, progress.step)
        return found

    def network(self, finding: str) -> Network:
        """The network of a finding, opened at the first call."""
        if finding not in self._networks:
            self._networks[finding] = open_network(
                self.version, finding, runtime=self._runtime, precision=self._precision, threads=self._threads
            )
        return self._networks[finding]


class Shares:
    """Turns steps into shares of the whole."""

    def __init__(self, tell: OnProgress | None) -> None:
        self._tell = tell
        self._done, self._steps = 0, 1

    def part(self, number: int, parts: int, steps: int) -> None:
        """Begins a part, which counts from 0, of so many equal ones."""
        self._done, self._steps = number * steps, parts * steps
        self.told()

    def step(self) -> None:
        self._done += 1
        self.told()

    def told(self) -> None:
        if self._tell is not None:
            self._tell(self._done / self._steps)


def is_one_grey(pixels: Pixels) -> bool:
    return bool(pixels.min() == pixels.max())


def page_of(pixels: Pixels) -> Pixels:
    """`windows.half_page`; raises DetectorError for what is no radiograph."""
    try:
        return windows.half_page(pixels)
    except ValueError as error:
        raise DetectorError(
            str(error), "Give the grey values of one radiograph, rows by columns, with bone bright."
        ) from error
