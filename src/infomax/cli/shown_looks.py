"""What a run shows beside its progress."""

import math
from typing import TYPE_CHECKING

from infomax.cli.progress_line import ProgressLine

if TYPE_CHECKING:
    import pandas as pd

    from infomax.experiments.evaluator import Evaluation
    from infomax.experiments.kept_training import Observer

__all__ = ["shown_looks"]

_MEBIBYTE = 2**20


def shown_looks(progress: ProgressLine) -> "Observer":
    """Return what shows the bound on validation pairs, accuracies and memory beside progress."""

    def observe(look: "Evaluation", _history: "pd.DataFrame") -> None:
        found = {each.metric: each.value for each in look.measured if each.split == "test"}
        details = []
        if math.isfinite(look.validation_bound):
            details.append(f"validation {look.validation_bound:.3f}")
        if "probe_accuracy" in found:
            details += [
                f"probe {found['probe_accuracy']:.3f}",
                f"balanced {found['probe_balanced_accuracy']:.3f}",
                f"commonest class {found['majority_share']:.3f}",
            ]
        progress.show_beside((*details, f"{_peak_memory_mib():.0f} MiB"))

    return observe


def _peak_memory_mib() -> float:
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE
