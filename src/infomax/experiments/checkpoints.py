"""The checkpoints of a run: the last two, the best by validation, and every so many updates."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from infomax.errors import UserError
from infomax.training import State, read_checkpoint, write_checkpoint
from infomax.warnings import DamagedCheckpointWarning

__all__ = ["Checkpoint", "Checkpoints"]

_LAST_KEPT = 2


class Checkpoint(NamedTuple):
    """What a training goes on from, or an encoder is taken from."""

    state: State
    notes: dict[str, Any]


class Checkpoints:
    """Checkpoints in a folder.

    Args:
        folder: made when the first is written.
        keep_every: updates between checkpoints that are never removed; ``None`` keeps none.
    """

    def __init__(self, folder: Path, *, keep_every: int | None = None) -> None:
        self._folder = folder
        self._keep_every = keep_every

    def write(self, step: int, state: State, notes: Mapping[str, Any], *, best: bool) -> None:
        """Write what a training goes on from after so many updates, then remove what is not kept.

        Raises:
            UserError: if it cannot be written; those before it are whole.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if best:
            write_checkpoint(self._best, state, notes)
        write_checkpoint(self._folder / f"step-{step:09d}.safetensors", state, notes)
        # What a process that was killed had begun to write.
        for path in self._folder.glob("*.part"):
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
                return Checkpoint(*read_checkpoint(path))
            except UserError as error:
                damage = str(error).partition(": remove it")[0]
                warnings.warn(
                    DamagedCheckpointWarning(f"{damage}: the one before it is taken"), stacklevel=2
                )
        if paths:
            raise UserError(f"{self._folder}: no checkpoint is whole: start the run anew")
        return None

    def best(self) -> Checkpoint | None:
        """Return the one that was best by validation, or the last where none was.

        One that is damaged is warned of, and the last taken.
        """
        if not self._best.is_file():
            return self.last()
        try:
            return Checkpoint(*read_checkpoint(self._best))
        except UserError as error:
            damage = str(error).partition(": remove it")[0]
            warnings.warn(
                DamagedCheckpointWarning(f"{damage}: the last one is taken"), stacklevel=2
            )
            return self.last()

    @property
    def _best(self) -> Path:
        return self._folder / "best.safetensors"

    def _by_step(self) -> list[Path]:
        return sorted(self._folder.glob("step-*.safetensors"), key=_step_of)


def _step_of(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))
