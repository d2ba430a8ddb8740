"""A training on disk: files that are whole or are not there, and the folder that they lie in."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from infomax.errors import UserError
from infomax.training.batches import State
from infomax.warnings import DamagedCheckpointWarning
from infomax.whole_file import HALF_WRITTEN, written_whole

__all__ = ["Checkpoint", "CheckpointFolder", "read_checkpoint", "write_checkpoint"]

_NOTES = "infomax"
_HASH = "sha256"
_LAST_KEPT = 2


class Checkpoint(NamedTuple):
    """What a training goes on from, or weights are taken from.

    Attributes:
        state: named tensors.
        notes: what else JSON can hold, e.g. ``{"step": 100}``.
    """

    state: State
    notes: dict[str, Any]


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


def read_checkpoint(path: Path) -> Checkpoint:
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
    return Checkpoint(state, notes)


def _hash(state: Mapping[str, Tensor], notes: str) -> str:
    digest = hashlib.sha256(notes.encode())
    for name in sorted(state):
        value = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


class CheckpointFolder:
    """Keeps the last two checkpoints in a folder, the best, and one every so many updates.

    Args:
        folder: made when the first is written.
        keep_every: updates between checkpoints that are never removed; ``None`` keeps none.
    """

    def __init__(self, folder: Path, *, keep_every: int | None = None) -> None:
        self._folder = folder
        self._keep_every = keep_every

    def __repr__(self) -> str:
        return f"CheckpointFolder({str(self._folder)!r}, keep_every={self._keep_every})"

    def write(self, step: int, state: State, notes: Mapping[str, Any], *, best: bool) -> None:
        """Write what a training goes on from after so many updates, then remove what is not kept.

        Raises:
            UserError: if it cannot be written; those before it are whole.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if best:
            write_checkpoint(self._best, state, notes)
        write_checkpoint(self._path_at(step), state, notes)
        # What a process that was killed had begun to write.
        for path in self._folder.glob(f"*{HALF_WRITTEN}"):
            path.unlink()
        for path in self._by_step()[:-_LAST_KEPT]:
            if self._keep_every is None or _step_of(path) % self._keep_every:
                path.unlink()

    @property
    def last_step(self) -> int | None:
        """Updates that were made when the last was written, whether or not it is whole."""
        return max(map(_step_of, self._by_step()), default=None)

    def last(self) -> Checkpoint | None:
        """Return the last that is whole, or nothing if none was ever written.

        Warns of every later one that is damaged.

        Raises:
            UserError: if all are damaged.
        """
        paths = self._by_step()
        for path in reversed(paths):
            try:
                return read_checkpoint(path)
            except UserError as error:
                _warn_of(error, "the one before it is taken")
        if paths:
            raise UserError(f"{self._folder}: no checkpoint is whole: start the run anew")
        return None

    def kept_steps(self) -> list[int]:
        """Return the numbers of updates that a checkpoint is there of, the smallest first."""
        return [_step_of(path) for path in self._by_step()]

    def at(self, step: int) -> Checkpoint:
        """Return the one after so many updates.

        Raises:
            UserError: if there is none, or it is damaged.
        """
        path = self._path_at(step)
        if not path.is_file():
            kept = ", ".join(map(str, self.kept_steps())) or "none"
            raise UserError(f"{self._folder} holds no checkpoint of step {step}: there are {kept}")
        return read_checkpoint(path)

    def best(self) -> Checkpoint | None:
        """Return the one that was best by validation, or the last where none was.

        One that is damaged is warned of, and the last taken.
        """
        if not self._best.is_file():
            return self.last()
        try:
            return read_checkpoint(self._best)
        except UserError as error:
            _warn_of(error, "the last one is taken")
            return self.last()

    @property
    def _best(self) -> Path:
        return self._folder / "best.safetensors"

    def _path_at(self, step: int) -> Path:
        return self._folder / f"step-{step:09d}.safetensors"

    def _by_step(self) -> list[Path]:
        return sorted(self._folder.glob("step-*.safetensors"), key=_step_of)


def _warn_of(error: UserError, instead: str) -> None:
    damage = str(error).partition(": remove it")[0]
    warnings.warn(DamagedCheckpointWarning(f"{damage}: {instead}"), stacklevel=3)


def _step_of(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))
