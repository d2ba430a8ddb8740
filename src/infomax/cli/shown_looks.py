"""What a run shows beside its progress."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from infomax.runs.kept_training import Observer
    from infomax.runs.looks import Look
    from infomax.training import TrainingProgress

__all__ = ["shown_looks"]

_MEBIBYTE = 2**20


def shown_looks(progress: "TrainingProgress") -> "Observer":
    """Return what shows the bound on validation pairs, and memory, beside the progress of a run."""

    def observe(look: "Look", _history: "pd.DataFrame") -> None:
        progress.show_beside(
            f" (validation {look.validation_bound:.3f}), {_peak_memory_mib():.0f} MiB"
        )

    return observe


def _peak_memory_mib() -> float:
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE
