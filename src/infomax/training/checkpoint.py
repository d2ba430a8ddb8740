"""A training on disk: one file that is whole or is not there."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from infomax.errors import UserError
from infomax.training.batches import State

__all__ = ["read_checkpoint", "write_checkpoint"]

_NOTES = "infomax"


def write_checkpoint(path: Path, state: State, notes: Mapping[str, Any]) -> None:
    """Write named tensors, and notes that JSON can hold, in place of what the file held before.

    Written beside, flushed to the disk and renamed: whenever the process or the machine stops,
    the file is the one before or this one.
    """
    beside = path.with_name(path.name + ".part")
    contiguous = {name: value.detach().contiguous() for name, value in state.items()}
    save_file(contiguous, beside, metadata={_NOTES: json.dumps(notes)})
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    beside.replace(path)


def read_checkpoint(path: Path) -> tuple[State, dict[str, Any]]:
    """Read what ``write_checkpoint`` wrote: tensors on the CPU, and notes.

    Raises:
        UserError: if the file cannot be read or was not written by ``write_checkpoint``.
    """
    try:
        with safe_open(path, framework="pt") as file:
            # Cloned out of the mapped file, whose bytes may lie at any address.
            state = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            notes: dict[str, Any] = json.loads((file.metadata() or {})[_NOTES])
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise UserError(
            f"{path} is not a checkpoint that can be read ({error}): remove it to run what it "
            "holds from its beginning"
        ) from error
    return state, notes
