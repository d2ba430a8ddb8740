"""What a run shows beside its progress."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from infomax.runs.kept_training import Observer
    from infomax.runs.looks import Look
    from infomax.training import TrainingProgress

__all__ = ["shown_looks"]

_MEBIBYTE = 2**20


def shown_looks(progress: "TrainingProgress") -> "Observer":
    """Return what shows the bound on validation pairs, accuracies and memory beside progress."""

    def observe(look: "Look", _history: "pd.DataFrame") -> None:
        found = {each.metric: each.value for each in look.measured if each.split == "test"}
        probe = ""
        if "probe_accuracy" in found:
            probe = (
                f", probe {found['probe_accuracy']:.3f} (balanced "
                f"{found['probe_balanced_accuracy']:.3f}, commonest class "
                f"{found['majority_share']:.3f})"
            )
        validates = math.isfinite(look.validation_bound)
        validation = f" (validation {look.validation_bound:.3f})" if validates else ""
        progress.show_beside(f"{validation}{probe}, {_peak_memory_mib():.0f} MiB")

    return observe


def _peak_memory_mib() -> float:
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE
