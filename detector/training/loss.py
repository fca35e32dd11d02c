"""What training makes small (paper, Eqs. 1-5; Liu et al. 2016, 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import box_convert, box_iou

from detector.classes import ABSENT, BACKGROUND, PRESENT
from detector.networks.default_boxes import VARIANCES

POSITIVE_IOU = 0.5
"""A default box that overlaps a joint by this much or more stands for it (Liu et al. 2016, 2.2)."""

IGNORED_IOU = 0.3
"""A default box that overlaps an ignored place by this much or more says nothing. Less than POSITIVE_IOU, as
nobody confirmed where the joint in it ends. A default box that stands for a box of which LEAST_SHARE lies in
the crop overlaps the whole of that box by 0.375 at least, so what an edge cuts off uncovers nothing."""

NEGATIVES_A_POSITIVE = 3
UNDECIDED = -1
"""In place of a class: a default box that counts neither as a joint nor as background."""


class Targets(NamedTuple):
    """classes: int64 [N, A], of classes.CLASSES, or UNDECIDED. offsets: float [N, A, 4], anything where the
    class is not that of a joint."""

    classes: Tensor
    offsets: Tensor


@dataclass(frozen=True)
class Loss:
    """Sums over the default boxes that count, of all crops; joints: how many default boxes stand for one."""

    confidence: Tensor
    localisation: Tensor
    joints: Tensor

    def mean(self, joints: Tensor) -> Tensor:
        """(L_conf + L_loc) / N, 0 where N is 0 (Eq. 1, without its leading minus). joints: N, of all
        processes together."""
        return (self.confidence + self.localisation) / joints.clamp(min=1)


def targets(
    boxes: Sequence[Tensor],
    labels: Sequence[Tensor],
    defaults: Tensor,
    ignored: Sequence[Tensor] | None = None,
) -> Targets:
    """What each default box is to say. boxes: float [K, 4] (x0 y0 x1 y1) and labels: int [K] of each crop, 1
    present, 0 absent, -1 nobody could tell; defaults: float [A, 4] (cx cy w h), pixels of the crop.

    A default box stands for the joint it overlaps most, by POSITIVE_IOU or more; and the one that overlaps a
    joint most stands for it in any case (Liu et al. 2016, 2.2). Those that stand for a joint of which nobody
    could tell are undecided.

    ignored: float [I, 4] of each crop, places of which nothing is said, also beyond its edge. Default boxes
    there are undecided, see `hidden`.
    """
    corners = box_convert(defaults, "cxcywh", "xyxy")
    places = [one.new_zeros(0, 4) for one in boxes] if ignored is None else ignored
    pairs = [matched(*one, defaults, corners) for one in zip(boxes, labels, places, strict=True)]
    classes, offsets = zip(*pairs, strict=True)
    return Targets(torch.stack(classes), torch.stack(offsets))


def matched(
    boxes: Tensor, labels: Tensor, ignored: Tensor, defaults: Tensor, corners: Tensor
) -> tuple[Tensor, Tensor]:
    """Classes [A] and offsets [A, 4] of one crop."""
    if not len(boxes):
        classes = torch.full((len(defaults),), BACKGROUND, device=defaults.device)
        return hidden(classes, torch.zeros(len(defaults), device=defaults.device), ignored, corners), (
            torch.zeros_like(defaults)
        )
    overlap = box_iou(boxes, corners)
    share, joint = overlap.max(dim=0)
    best = overlap.argmax(dim=1)
    share[best] = 1.0
    joint[best] = torch.arange(len(boxes), device=joint.device)
    of_label = torch.tensor([ABSENT, PRESENT, UNDECIDED], device=defaults.device)
    classes = torch.where(share >= POSITIVE_IOU, of_label[labels.long()][joint], BACKGROUND)
    return hidden(classes, share, ignored, corners), encoded(boxes[joint], defaults)


def hidden(classes: Tensor, share: Tensor, ignored: Tensor, corners: Tensor) -> Tensor:
    """The classes [A], undecided where a default box overlaps an ignored place by IGNORED_IOU or more, and
    where one overlaps such a place most, however little.

    share: [A], how much each overlaps the joint it would stand for, 1 where it stands for it in any case. A
    default box that stands for a joint goes on to do so, unless it overlaps a place more.
    """
    if not len(ignored):
        return classes
    overlap = box_iou(ignored, corners)
    over = overlap.max(dim=0).values
    near = over >= IGNORED_IOU
    near[overlap.argmax(dim=1)] = True
    return torch.where(near & ((classes == BACKGROUND) | (over > share)), UNDECIDED, classes)


def encoded(boxes: Tensor, defaults: Tensor) -> Tensor:
    """Offsets [A, 4] of boxes [A, 4] from default boxes [A, 4] (Eqs. 4-5), which
    `default_boxes.decode` turns round."""
    centred = box_convert(boxes, "xyxy", "cxcywh")
    moved = (centred[:, :2] - defaults[:, :2]) / defaults[:, 2:] / VARIANCES[0]
    grown = torch.log(centred[:, 2:] / defaults[:, 2:]) / VARIANCES[1]
    return torch.cat([moved, grown], dim=1)


def loss(scores: Tensor, offsets: Tensor, wanted: Targets) -> Loss:
    """L_conf and L_loc (Eqs. 2-3) of scores [N, A, 3] and offsets [N, A, 4], in float32.

    Of the background only the hardest count: in each crop the NEGATIVES_A_POSITIVE times as many as stand for
    a joint whose background is least believed (Liu et al. 2016, 2.2, hard negative mining).
    """
    is_joint = wanted.classes > BACKGROUND
    entropy = functional.cross_entropy(
        scores.float().flatten(0, 1),
        wanted.classes.clamp(min=BACKGROUND).flatten(),
        reduction="none",
    ).view_as(wanted.classes)
    negative = hardest(entropy.detach(), wanted.classes == BACKGROUND, is_joint.sum(dim=1))
    confidence = entropy[is_joint | negative].sum()
    moved = functional.smooth_l1_loss(
        offsets.float()[is_joint], wanted.offsets[is_joint], reduction="sum", beta=1.0
    )
    return Loss(confidence, moved, is_joint.sum())


def hardest(entropy: Tensor, background: Tensor, joints: Tensor) -> Tensor:
    """Which of the background boxes count: bool [N, A]. joints: int [N], default boxes that stand for one."""
    hard = entropy.masked_fill(~background, -1.0)
    order = hard.argsort(dim=1, descending=True, stable=True)
    rank = torch.empty_like(order).scatter_(
        1, order, torch.arange(order.shape[1], device=order.device).expand_as(order)
    )
    return (rank < NEGATIVES_A_POSITIVE * joints[:, None]) & background
