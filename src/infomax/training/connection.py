"""Where this process trains, and with which others."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training.device import choose_device

__all__ = ["Connection", "connected"]

# On GPUs tensors go through NCCL; what is told of a run is no tensor of a GPU.
_BACKENDS = {"cpu": "gloo", "cuda": "cpu:gloo,cuda:nccl"}


@dataclass(frozen=True)
class Connection:
    """Where this process trains, and with which others.

    Attributes:
        device: of this process.
        processes: that train together.
    """

    device: torch.device
    processes: Processes = field(default_factory=Processes)


@contextmanager
def connected(device: str) -> Iterator[Connection]:
    """Connect the processes that ``torchrun`` has started, each with a device of its own.

    A process that was not started as one of several trains alone.

    Args:
        device: ``auto``, ``cpu``, ``cuda``; one by its number only for a process alone.

    Raises:
        UserError: if there is no such device, or the processes do not find each other.
    """
    number = int(os.environ.get("WORLD_SIZE", "1"))
    if number == 1:
        yield Connection(choose_device(device))
        return
    kind = choose_device(device).type
    if kind not in _BACKENDS or ":" in device:
        raise UserError(
            f"device {device!r} cannot be shared out to {number} processes: give cpu, cuda or auto"
        )
    # Imported here: it takes as long as PyTorch to import, and one process has no need of it.
    from lightning_fabric import Fabric  # noqa: PLC0415
    from lightning_fabric.strategies.ddp import DDPStrategy  # noqa: PLC0415

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    here = int(os.environ.get("LOCAL_WORLD_SIZE", number))
    fabric = Fabric(
        accelerator=kind,
        devices=here,
        num_nodes=number // here,
        strategy=DDPStrategy(process_group_backend=_BACKENDS[kind]),
    )
    try:
        fabric.launch()
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"{number} processes cannot find each other: {str(error).splitlines()[0]}"
        ) from error
    try:
        yield Connection(fabric.device, Processes(fabric.global_rank, fabric.world_size))
    finally:
        torch.distributed.destroy_process_group()
