"""Runs a network in torch, on the processor or on a GPU: the network as it was trained, for evaluation beside
training and for who has torch anyway."""

from __future__ import annotations

import numpy as np
import torch

from detector.boxes import Floats
from detector.errors import DetectorError
from detector.model import SSD300
from detector.runtime import LESS_MEMORY, Answer, Network, first_line

BATCH_ON_GPU = 16


def torch_network(
    model: SSD300, precision: str = "f32", threads: int | None = None, device: str | None = None
) -> Network:
    """A network out of `weights`, or one that is being trained (it is put into evaluation mode).

    precision: "f32" or "bf16". threads: of all of torch in this process, None leaves them as they are.
    device: None means a GPU where there is one.
    """
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if threads is not None:
        torch.set_num_threads(threads)
    model = model.eval().to(where)
    half = precision == "bf16"

    def run(values: Floats) -> Answer:
        layout = torch.channels_last if half else torch.contiguous_format
        try:
            # float32 is to mean that on a GPU, too, and not the shorter TF32
            with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
                given = torch.from_numpy(np.ascontiguousarray(values)).to(where)
                with torch.autocast(where.type, torch.bfloat16, enabled=half):
                    scores, offsets = model(given.contiguous(memory_format=layout))
                return scores.float().cpu().numpy(), offsets.float().cpu().numpy()
        except RuntimeError as error:
            raise DetectorError(f"torch failed ({first_line(error)}).", LESS_MEMORY) from error

    return Network(
        f"torch {torch.__version__} {where.type.upper()} {precision}",
        BATCH_ON_GPU if where.type == "cuda" else 1,
        run,
    )
