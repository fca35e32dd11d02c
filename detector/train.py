"""Training of one detector (paper, Development of the joint region detector and Experimental setup)."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from detector.classes import FINDINGS, judged
from detector.config import TrainingSettings
from detector.errors import DetectorError
from detector.measuring.truth import labels_of
from detector.model import SSD300
from detector.networks.default_boxes import default_boxes
from detector.release.values import Release, ReleaseImage
from detector.training.checkpoint import Belonging, resume, save, share
from detector.training.crops import Crop, LabelledPage, crop, places
from detector.training.loss import Loss, loss, targets
from detector.training.plan import Plan, fewest
from detector.training.processes import Processes, processes
from detector.training.validation import Validation
from detector.windows import half_page, to_window


@dataclass(frozen=True)
class Step:
    """After a step: number from 1 of steps, epochs done, the loss and its two parts divided by N, the
    learning rate; where an epoch ended, the loss on the validation images."""

    step: int
    steps: int
    epoch: float
    loss: float
    confidence: float
    localisation: float
    learning_rate: float
    validation: float | None = None


OnStep = Callable[[Step], None]


def labelled_page(release: Release, image: ReleaseImage, finding: str) -> LabelledPage:
    """An image of a release as one detector is trained on it. The thumb IP is no joint of the subluxation
    detector (18 of 20, paper, Data preparation); a joint that nobody could assess is undecided. An ignored
    place has no name, and is ignored by both.

    Raises ReleaseError as `Release.pixels`.
    """
    joints = [joint for joint in image.joints if judged(joint.name, finding)]
    boxes = np.array([joint.box for joint in joints], np.float32).reshape(-1, 4)
    place = FINDINGS.index(finding)
    return LabelledPage(
        half_page(release.pixels(image)),
        to_window(boxes, np.zeros(2, np.int64)),
        np.array([labels_of(joint)[place] for joint in joints], np.int8),
        to_window(np.array(image.ignored, np.float32).reshape(-1, 4), np.zeros(2, np.int64)),
    )


def train(
    settings: TrainingSettings,
    finding: str,
    pages: Sequence[LabelledPage],
    folder: Path,
    *,
    start: Mapping[str, Tensor] | None = None,
    on_step: OnStep | None = None,
    ours: Processes | None = None,
    validation: Sequence[LabelledPage] = (),
) -> SSD300:
    """Trains a detector, or goes on where the checkpoint in the folder ends; the trained network.

    start: weights to begin with (retraining); random ones without. on_step: is told of every step, by the
    first process only, and ends the training by raising; up to the last checkpoint it is kept. Under
    `torchrun` the crops of each step are divided among the processes, which are `ours`, or are gathered for
    this training alone; `start` and the checkpoint count where they are the first one's. validation: pages
    whose loss is told after each epoch, and changes nothing.

    Raises DetectorError for no joints to train on, a loss that is not finite, too little memory, and as
    `checkpoint.resume`.
    """
    with enough_memory(), processes() if ours is None else nullcontext(ours) as group:
        return Training(settings, finding, pages, folder, group, start, validation).run(on_step)


class Training:
    """A training as it runs: the network, its optimiser, what it is shown."""

    def __init__(
        self,
        settings: TrainingSettings,
        finding: str,
        pages: Sequence[LabelledPage],
        folder: Path,
        ours: Processes,
        start: Mapping[str, Tensor] | None,
        validation: Sequence[LabelledPage] = (),
    ) -> None:
        self.settings, self.pages, self.folder, self.ours = settings, pages, folder, ours
        self.places = places(pages)
        if not len(self.places):
            raise DetectorError("There is no labelled joint to train on.", "Take a release with annotations.")
        # batch normalisation has no variance of a single crop
        needed, least = ours.count * (1 + settings.architecture.batch_norm), fewest(settings)
        if least < needed:
            raise DetectorError(
                f"{least} crops a step are too few for {ours.count} processes: {needed} are needed.",
                "Raise --batch.",
            )
        self.plan = Plan(settings, len(self.places))
        torch.manual_seed(settings.seed)
        self.model = SSD300(settings.architecture)
        if start is not None:
            self.model.load_state_dict(start)
        self.model.to(device=ours.device, memory_format=torch.channels_last)  # type: ignore[call-overload] # torch types `to` without memory_format
        self.optimiser = torch.optim.Adam(
            self.model.parameters(),
            settings.learning_rate,
            settings.betas,
            weight_decay=settings.weight_decay,
        )
        self.run_of = {
            "settings": dataclasses.asdict(settings),
            "finding": finding,
            "data": digest(pages),
            "start": None if start is None else digest_of(start.values()),
        }
        self.validation = Validation(validation, settings)
        self.half = settings.precision == "bf16" or (settings.precision == "auto" and has_bf16(ours.device))

    def run(self, on_step: OnStep | None) -> SSD300:
        if self.ours.first:
            self.folder.mkdir(parents=True, exist_ok=True)
        done = resume(self.folder, self.model, self.optimiser, self.run_of) if self.ours.first else 0
        done = share(self.model, self.optimiser, done, self.ours)
        shared = self.ours.shared(self.model)
        self.model.train()
        for step in range(done, self.plan.steps):
            report = self.step(step, shared)
            if on_step is not None and self.ours.first:
                on_step(dataclasses.replace(report, validation=self.validated(step)))
            if (step + 1) % self.settings.checkpoint_every == 0 or step + 1 == self.plan.steps:
                self.keep(step + 1)
        self.model.eval()
        return self.model

    def validated(self, step: int) -> float | None:
        """The loss on the validation images, where this step ended an epoch or the training."""
        before = self.plan.epoch(step - 1) if step else 0.0
        if int(self.plan.epoch(step)) == int(before) and step + 1 < self.plan.steps:
            return None
        return self.validation.loss(self.model, self.forward)

    def keep(self, done: int) -> None:
        if self.ours.first:
            save(self.folder, self.model, self.optimiser, Belonging(done, self.run_of))

    def step(self, step: int, shared: nn.Module) -> Step:
        rate = learning_rate(self.settings, step, self.plan.steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        side = self.plan.side(step)
        crops = [self.crop(position, side) for position in self.ours.part(self.plan.positions(step))]
        parts = self.forward(shared, crops, side)
        confidence, localisation, joints = self.ours.sums(
            parts.confidence, parts.localisation, parts.joints
        ).unbind()
        divisor = joints.clamp(min=1)
        told = [float(value / divisor) for value in (confidence + localisation, confidence, localisation)]
        report = Step(step + 1, self.plan.steps, self.plan.epoch(step), told[0], told[1], told[2], rate)
        if not np.isfinite(report.loss):
            raise DetectorError(
                f"The loss of step {report.step} is not finite: L_conf {report.confidence}, L_loc "
                f"{report.localisation}, N {int(joints)}, learning rate {rate:.2g}.",
                "Lower the learning rate, or train in f32.",
            )
        self.optimiser.zero_grad(set_to_none=True)
        # the processes' gradients are averaged, where those of a sum are wanted
        (parts.mean(joints) * self.ours.count).backward()  # type: ignore[no-untyped-call] # torch's own
        self.optimiser.step()
        return report

    def crop(self, position: int, side: int) -> Crop:
        page, joint = self.places[self.plan.joint(position)]
        return crop(self.pages[page], joint, side, self.settings.augmentation, self.plan.rng(position))

    def forward(self, shared: nn.Module, crops: Sequence[Crop], side: int) -> Loss:
        device = self.ours.device
        values = torch.from_numpy(np.stack([one.values for one in crops])).to(device)
        defaults = torch.from_numpy(default_boxes(side, side)).to(device)
        wanted = targets(
            [torch.from_numpy(one.boxes).to(device) for one in crops],
            [torch.from_numpy(one.labels).to(device) for one in crops],
            defaults,
            [torch.from_numpy(one.ignored).to(device) for one in crops],
        )
        with torch.autocast(device.type, torch.bfloat16, enabled=self.half):
            scores, offsets = shared(values.contiguous(memory_format=torch.channels_last))
        return loss(scores, offsets, wanted)


def learning_rate(settings: TrainingSettings, step: int, steps: int) -> float:
    """Of a step that counts from 0; TrainingSettings says how it goes."""
    if settings.schedule == "constant":
        return settings.learning_rate
    rising = max(1, steps // 20)
    if step < rising:
        return settings.learning_rate * (step + 1) / rising
    return settings.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (step - rising) / (steps - rising))))


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 there, and not only possible."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def digest(pages: Sequence[LabelledPage]) -> str:
    """SHA-256 of all that is trained on."""
    return digest_of(array for page in pages for array in (page.page, page.boxes, page.labels, page.ignored))


def digest_of(arrays: Iterable[object]) -> str:
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(np.ascontiguousarray(np.asarray(array)).tobytes())
    return whole.hexdigest()


def is_shortage(error: Exception) -> bool:
    """Whether memory ran out: of Python and numpy, of a GPU, of OpenCV, or of torch on the processor, which
    says it in words alone."""
    if isinstance(error, cv2.error):
        return getattr(error, "code", None) == cv2.Error.StsNoMem
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "you tried to allocate" in str(error)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Says what to lower when memory runs out."""
    try:
        yield
    except (MemoryError, RuntimeError, cv2.error) as error:
        if not is_shortage(error):
            raise
        raise DetectorError(
            "There is not enough memory to train.", "Lower --batch or --width, or train on fewer images."
        ) from error
