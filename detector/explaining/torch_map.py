"""A network forwards and backwards in torch, by its own differentiation."""

from __future__ import annotations

import torch
from torch import Tensor

from detector.boxes import Floats
from detector.errors import DetectorError
from detector.explaining.onnx_map import BothWays
from detector.model import SSD300
from detector.runtime import LESS_MEMORY, first_line


def by_torch(model: SSD300, threads: int | None = None) -> BothWays:
    """A network on the processor, such as one out of `weights.load_weights`; it is put into evaluation mode.
    threads: of all of torch in this process, None leaves them as they are."""
    if threads is not None:
        torch.set_num_threads(threads)
    model = model.eval()

    def forward(values: Floats) -> tuple[Floats, Floats]:
        try:
            with torch.inference_mode():
                scores, offsets = model(torch.from_numpy(values))
        except RuntimeError as error:
            raise DetectorError(f"torch failed ({first_line(error)}).", LESS_MEMORY) from error
        return scores[0].numpy(), offsets[0].numpy()

    def back(values: Floats, seeds: Floats, layer: str) -> tuple[Floats, Floats]:
        try:
            found = differentiated(model, torch.from_numpy(values), torch.from_numpy(seeds), layer)
        except RuntimeError as error:
            raise DetectorError(f"torch failed ({first_line(error)}).", LESS_MEMORY) from error
        handed, gradients = (one[0].numpy() for one in found)
        return handed, gradients

    return BothWays(f"torch {torch.__version__} CPU f32", forward, back)


def differentiated(model: SSD300, values: Tensor, seeds: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    """What a layer hands on and the gradient there, [1, C, h, w]. No gradient is left in the network."""
    kept: dict[str, Tensor] = {}

    def keep(name: str, handed: Tensor) -> Tensor:
        if name != layer:
            return handed
        # differentiation ends here: of no account is what lies before
        return kept.setdefault(name, handed.detach().requires_grad_())

    with torch.enable_grad():
        scores, _ = model(values, keep)
        (gradients,) = torch.autograd.grad((scores[0] * seeds).sum(), kept[layer])
    return kept[layer].detach(), gradients
