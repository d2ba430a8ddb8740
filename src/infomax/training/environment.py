"""Where this process trains: its device, the processes beside it, and what that is, in words."""

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version

import torch

from infomax import __version__
from infomax.errors import UserError
from infomax.processes import Processes

__all__ = ["Connection", "choose_device", "connected", "describe_environment"]

_LIBRARIES = ("torch", "numpy", "scipy", "scikit-learn", "pandas")
# On GPUs tensors go through NCCL; what is told of a run is no tensor of a GPU.
_BACKENDS = {"cpu": "gloo", "cuda": "cpu:gloo,cuda:nccl"}


def choose_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is a GPU if there is one.

    Raises:
        UserError: if there is no such device here.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        if device.type == "meta":
            raise UserError(f"device {name!r} holds no numbers: give auto, cpu or cuda")
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"device {name!r} cannot be used here: {reason}") from error
    return device


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
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        yield Connection(choose_device(device))
        return
    kind = choose_device(device).type
    if kind not in _BACKENDS or ":" in device:
        raise UserError(
            f"device {device!r} cannot be shared out to {world_size} processes: give cpu, cuda or "
            "auto"
        )
    # Imported here: it takes as long as PyTorch to import, and one process has no need of it.
    from lightning_fabric import Fabric  # noqa: PLC0415
    from lightning_fabric.strategies.ddp import DDPStrategy  # noqa: PLC0415

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    here = int(os.environ.get("LOCAL_WORLD_SIZE", world_size))
    fabric = Fabric(
        accelerator=kind,
        devices=here,
        num_nodes=world_size // here,
        strategy=DDPStrategy(process_group_backend=_BACKENDS[kind]),
    )
    try:
        fabric.launch()
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"{world_size} processes cannot find each other: {str(error).splitlines()[0]}"
        ) from error
    try:
        yield Connection(fabric.device, Processes(fabric.global_rank, fabric.world_size))
    finally:
        torch.distributed.destroy_process_group()


def describe_environment(device: torch.device, command: str) -> dict[str, str | int]:
    """Return versions, machine and command, to stand in the report.

    Args:
        device: where the encoders are trained.
        command: what was typed.
    """
    on = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return {
        "command": command,
        "infomax": __version__,
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
        "machine": f"{platform.system()} {platform.machine()}",
        "device": f"{device} ({on})",
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
            names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "processor unknown"
