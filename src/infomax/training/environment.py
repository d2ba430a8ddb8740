"""What something was trained on: versions and machine."""

import os
import platform
from importlib.metadata import version

import torch

from infomax import __version__

__all__ = ["describe_environment"]

_LIBRARIES = ("torch", "numpy", "scipy", "scikit-learn", "pandas")


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
