"""Folders of runs as training writes them, without training."""

import math
from pathlib import Path
from typing import Any

from infomax.experiments.config import RunConfig
from infomax.experiments.run_folder import RunFolder, settings_text
from infomax.records import Record, Split, records_table, write_records


def write_run(
    path: Path,
    bounds: list[float],
    *,
    data: str = "digits",
    target: float | None = None,
    accuracies: list[float] | None = None,
    every: int = 10,
    **notes: Any,
) -> None:
    """Write the folder of a run that had these bounds on validation pairs, one each evaluation."""
    path.mkdir(parents=True)
    settings = RunConfig.checked({"data": data, "target": target})
    (path / "settings.yaml").write_text(settings_text(settings))
    RunFolder(path).write_notes(settings, notes)

    def record(step: int, split: Split, metric: str, value: float) -> Record:
        return Record(
            study="train",
            dataset=data,
            encoder="mlp",
            critic="bilinear",
            bound="infonce",
            target=math.nan,
            loss="",
            negatives="",
            seed=0,
            step=step,
            split=split,
            metric=metric,
            value=value,
        )

    measured: dict[tuple[Split, str], list[float]] = {
        ("test", "bound"): bounds,
        ("train", "bound"): [each + 1 for each in bounds],
        ("test", "probe_accuracy"): accuracies or [],
        ("test", "log_condition_number_p50"): bounds,
    }
    rows = [
        record(place * every, split, metric, value)
        for (split, metric), values in measured.items()
        for place, value in enumerate(values)
    ]
    write_records(records_table(rows), path / "records.parquet", {})
