"""One training in several processes, as `torchrun` starts them: on several GPUs, or on several machines.

Every process has the whole network and a part of each step's crops. Gradients are of the sum over all
processes divided by N of all of them, so the result is that of one process with all the crops. (Not with
batch normalisation on processors: its averages are then of each process's own crops. GPUs share them.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Processes:
    """rank: which of `count` processes this is, from 0. device: where its network is."""

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this one writes and reports."""
        return self.rank == 0

    def part(self, positions: range) -> range:
        """The crops of a step that are this process's."""
        return positions[self.rank :: self.count]

    def shared(self, model: nn.Module) -> nn.Module:
        """The network, so that gradients become the mean over all processes after each way back."""
        if self.count == 1:
            return model
        if self.device.type == "cuda":
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call] # torch's own
        return DistributedDataParallel(model)

    def barrier(self) -> None:
        """Waits until all processes are here."""
        if self.count > 1:
            distributed.barrier()

    def take_from_first(self, *values: Tensor) -> None:
        """Fills each of these with what it is in the first process; all processes give the same shapes."""
        if self.count == 1:
            return
        for value in values:
            whole = value.detach().to(self.device).contiguous()
            distributed.broadcast(whole, 0)
            value.detach().copy_(whole)

    def sums(self, *values: Tensor) -> Tensor:
        """float32 [n]: each of these single numbers, summed over all processes."""
        together = torch.stack([value.detach().float() for value in values])
        if self.count > 1:
            distributed.all_reduce(together)
        return together


@contextmanager
def processes() -> Iterator[Processes]:
    """The process group that torchrun's environment describes, or this process alone. Once in a process: a
    second group would look for the others where those of the first one were."""
    count, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
    if count == 1:
        yield Processes(0, 1, device)
        return
    if cuda:
        torch.cuda.set_device(device)  # nccl works on the current one, which is the first without this
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Processes(rank, count, device)
    finally:
        distributed.destroy_process_group()
