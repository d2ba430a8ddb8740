"""What is shown of runs: ranked as their weights are used, in words and round numbers."""

import math
import re
from pathlib import Path

import pytest

from infomax.records import Record, Split, records_table, write_records
from infomax.runs.folder import RunFolder
from infomax.runs.settings import RunSettings
from infomax.runs.settings_file import settings_text
from tests.cli.conftest import Run


def write_run(
    path: Path,
    bounds: list[float],
    *,
    data: str = "digits",
    target: float | None = None,
    accuracies: list[float] | None = None,
    every: int = 10,
) -> None:
    """Write the folder of a run that had these bounds on validation pairs, one at each look."""
    path.mkdir(parents=True)
    settings = RunSettings.checked({"data": data, "target": target})
    (path / "settings.yaml").write_text(settings_text(settings))
    RunFolder(path).write_notes(settings, {})

    def record(step: int, split: Split, metric: str, value: float) -> Record:
        return Record(
            study="train",
            dataset=data,
            encoder="mlp",
            critic="bilinear",
            estimator="infonce",
            target=math.nan,
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


def test_runs_are_ranked_within_data_by_the_weights_that_are_used(
    infomax: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "overfitted", [0.1, 2.0, 0.5], accuracies=[0.1, 0.9, 0.2])
    write_run(tmp_path / "steady", [0.1, 1.0, 1.5])
    write_run(tmp_path / "others", [0.1, 9.0], data="mnist")
    write_run(tmp_path / "held", [0.1, 3.1, 5.0], data="cifar10", target=3.0)
    write_run(tmp_path / "far", [0.1, 4.0], data="cifar10", target=3.0)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("[]")
    status, said, _ = infomax("runs", tmp_path)
    assert status == 0
    names = [line.split()[0] for line in said.splitlines() if line.split()]
    order = [name for name in names if (tmp_path / name).is_dir()]
    assert order == ["held", "far", "overfitted", "steady", "others", "damaged"]
    # In a line of its own: a column of a table would cut it.
    (line,) = [each for each in said.splitlines() if each.startswith("damaged")]
    assert "cannot be read" in line
    assert "settings.yaml" in line
    assert re.search(r"overfitted .* 20 +2\.000 +0\.9000", said)
    assert re.search(r"held .* 3\.100", said)


def test_what_is_shown_was_measured_of_the_weights_that_are_used(
    infomax: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", [0.1, 2.0, 0.5], accuracies=[0.1, 0.9, 0.2])
    _, said, _ = infomax("show", tmp_path / "run")
    assert "measured at step 10" in said
    assert re.search(r"bound, nats +3\.0000 +2\.0000", said)
    assert re.search(r"linear probe +0\.9000", said)


def test_a_run_is_shown_in_words_and_round_numbers(infomax: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run", [0.013, 0.7, 1.31, 1.27, 1.33], every=77)
    _, said, _ = infomax("show", tmp_path / "run")
    assert "log condition number of the Jacobian, median" in said
    ticks = next(line for line in said.splitlines() if re.match(r"^ +\| +0 ", line))
    assert ticks.replace("|", "").split() == ["0", "60", "120", "180", "240", "300", "360"]
    assert re.findall(r"^ +(\S+) \|", said, re.MULTILINE)[-2:] == ["0.25", "0"]


@pytest.mark.parametrize(
    ("preset", "steps", "every"),
    [("quick", 200, 20), ("paper", 200, 20), ("quick", 6, 20), ("paper", 20_000, 1_000)],
)
def test_a_reproduction_is_evaluated_about_ten_times_whatever_its_steps(
    preset: str, steps: int, every: int
) -> None:
    from infomax.cli.reproduce_command import _scaled  # noqa: PLC0415
    from infomax.studies.catalogue import STUDIES  # noqa: PLC0415
    from infomax.studies.presets import apply_preset  # noqa: PLC0415

    no_others = dict.fromkeys(("seeds", "dataset", "estimators", "noise"))
    study = apply_preset(STUDIES["critics"], preset)
    assert _scaled(study, steps=steps, **no_others).evaluate_every == every
