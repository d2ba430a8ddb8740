"""A training on disk: one file that is whole or is not there."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from infomax.errors import UserError
from infomax.training.batches import State
from infomax.whole_file import written_whole

__all__ = ["read_checkpoint", "write_checkpoint"]

_NOTES = "infomax"
_HASH = "sha256"


def write_checkpoint(path: Path, state: State, notes: Mapping[str, Any]) -> None:
    """Write named tensors, and notes that JSON can hold, in place of what the file held before.

    Whenever the process or the machine stops, the file is the one before or this one. The hash of
    all that is written is kept with it.

    Raises:
        UserError: if there is no room, or the folder may not be written to.
    """
    contiguous = {name: value.detach().contiguous() for name, value in state.items()}
    text = json.dumps(notes)
    try:
        with written_whole(path) as beside:
            save_file(contiguous, beside, metadata={_NOTES: text, _HASH: _hash(contiguous, text)})
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"{path} cannot be written ({error}): make room; the checkpoint before it is whole"
        ) from error


def read_checkpoint(path: Path) -> tuple[State, dict[str, Any]]:
    """Read what ``write_checkpoint`` wrote: tensors on the CPU, and notes.

    Raises:
        UserError: if the file cannot be read, was not written by ``write_checkpoint``, or is not
            what was written, to the last bit.
    """
    try:
        with safe_open(path, framework="pt") as file:
            # Cloned out of the mapped file, whose bytes may lie at any address.
            state = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata() or {}
        notes: dict[str, Any] = json.loads(metadata[_NOTES])
        if metadata[_HASH] != _hash(state, metadata[_NOTES]):
            raise ValueError("its hash is not that of what was written")  # noqa: TRY301
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise UserError(
            f"{path} is not a checkpoint that can be read ({error}): remove it to run what it "
            "holds from its beginning"
        ) from error
    return state, notes


def _hash(state: Mapping[str, Tensor], notes: str) -> str:
    digest = hashlib.sha256(notes.encode())
    for name in sorted(state):
        value = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
