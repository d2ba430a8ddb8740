"""A contestant in a process of its own, perhaps with packages that infomax does not get on with."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["FREED_AT_ONCE", "PEERS", "Worker", "environment_of"]

PEERS = {
    "bmi": ("benchmark-mi==0.1.3", "jax==0.4.26", "jaxlib==0.4.26", "scipy<1.13"),
    "torch_mist": ("torch_mist==0.2.17", "pandas<3", "numpy<2"),
    "conditional": ("tigramite==5.2.10.1", "ennemi==1.5.0", "numba==0.68.1", "scipy", "joblib"),
    "pytorch_metric_learning": ("pytorch-metric-learning==2.9.0", "torch==2.13.0"),
    "sentence_transformers": (
        *("sentence-transformers==6.2.0", "accelerate==1.15.0", "datasets==5.2.0"),
        *("tokenizers==0.23.3", "torch==2.13.0"),
    ),
    "lightly": ("lightly==1.6.0", "pytorch-metric-learning==2.9.0", "torch==2.13.0"),
}
SCRIPTS = Path(__file__).parent / "peers"
FREED_AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "16384", "MALLOC_TRIM_THRESHOLD_": "0"}
"""What a process keeps of freed memory would hide what it takes next; it slows it down, too."""


def environment_of(peer: str, environments: Path) -> Path:
    """Return the Python of a peer's environment, which is made if it is not there.

    Args:
        peer: one of ``PEERS``.
        environments: folder that holds them.
    """
    python = environments / peer / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environments / peer], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS[peer]], check=True)
    return python


class Worker:
    """A script of ``peers/`` in a process of its own, which answers one question at a time.

    Args:
        name: of the script, without ``_worker.py``.
        python: that runs it.
        env: environment variables that it gets beside this process's.
    """

    def __init__(
        self,
        name: str,
        python: Path = Path(sys.executable),
        *,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [python, SCRIPTS / f"{name}_worker.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            text=True,
        )
        self._answer()  # To nothing: it is ready.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the process end."""
        self._process.__exit__(kind, error, traceback)

    def ask(self, **question: Any) -> dict[str, float]:
        """Return the answer to a question; what either holds is the script's to say."""
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._answer()

    def bytes_for(self, **question: Any) -> tuple[int, dict[str, float]]:
        """Return by how much resident memory rose at most while it answered, and the answer."""
        process = Path(f"/proc/{self._process.pid}")
        # The kernel's word for: the highest so far is what is resident now.
        (process / "clear_refs").write_text("5")
        before = self._highest_memory()
        answer = self.ask(**question)
        return self._highest_memory() - before, answer

    def _highest_memory(self) -> int:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return 1024 * int(kibibytes)

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} ended without an answer")
        answer: dict[str, float] = json.loads(line)
        return answer
