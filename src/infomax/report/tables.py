"""Tables of the page: final numbers, times, settings, versions, and what a figure draws."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from pydantic import ValidationError

from infomax.errors import UserError
from infomax.records import RUN_COLUMNS, Split, final_records
from infomax.report.page import Table
from infomax.report.recorded_runs import finished_runs, levels_of, raw_pixels, trained_runs
from infomax.report.study_figure import StudyFigure
from infomax.report.text import (
    Names,
    format_count,
    format_interval,
    format_mean_and_spread,
    format_number,
)
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import departures, show_setting
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Study

__all__ = [
    "environment_table",
    "estimation_errors",
    "figure_table",
    "final_table",
    "mean_errors",
    "paper_departures",
    "recorded_settings",
    "settings_table",
    "timing_table",
]


@dataclass(frozen=True)
class _Column:
    """A column of the table of final numbers.

    Attributes:
        header: what it is, with its unit.
        split: split of the records.
        metric: metric of the records.
        decimals: behind the point; ``None`` shows powers of ten.
        has_interval: whether each run has an interval of its own.
        is_probe: whether raw pixels and untrained encoders have it too.
        at_start: whether it is recorded before the first update only.
    """

    header: str
    split: Split
    metric: str
    decimals: int | None
    has_interval: bool = False
    is_probe: bool = False
    at_start: bool = False

    def shown(self, records: pd.DataFrame) -> str:
        """Return mean and deviation over seeds; empty where nothing was measured."""
        values = self._values(records, self.metric)
        if values.empty:
            return ""
        # Cells break where they are told to, so that no number is torn from its deviation.
        shown = format_mean_and_spread(list(values), self.decimals).replace(", else ", ",\nelse ")
        if self.decimals is None:
            shown = shown.replace(" ±", "\n±")
        if self.at_start:
            shown = format_mean_and_spread([float(values.iloc[0])], self.decimals)
        low, high = (self._values(records, f"{self.metric}_{end}") for end in ("low", "high"))
        if not self.has_interval or self.decimals is None or low.empty or high.empty:
            return shown
        # Python's sum, since pandas leaves out what is not a number.
        low_end, high_end = (float(sum(end)) / len(end) for end in (low, high))
        return f"{shown}\n{format_interval(low_end, high_end, self.decimals)}"

    def _values(self, records: pd.DataFrame, metric: str) -> "pd.Series[float]":
        chosen = records[(records["split"] == self.split) & (records["metric"] == metric)]
        # Runs of one seed share their untrained encoder, which is one value and not several.
        values: pd.Series[float] = chosen.groupby("seed", sort=False)["value"].agg(
            lambda of_seed: sum(of_seed) / len(of_seed)
        )
        return values


_FACTORS = tuple(column for column in RUN_COLUMNS if column != "seed")
_NOT_APPLICABLE = "\N{EN DASH}"


def final_table(caption: str, records: pd.DataFrame, names: Names) -> Table:
    """Return the table of final numbers of one figure, with a column for all that was measured.

    Args:
        caption: caption of the table.
        records: records of that figure, failed runs among them.
        names: what levels are called.
    """
    # Rows of their own, by which those of the last steps are found again.
    records = records.reset_index(drop=True)
    runs = trained_runs(records)
    last = final_records(records).index
    columns = _columns_of(runs)
    shown = ["bound", "encoder", "critic", "loss", "negatives"]
    shown += ["target"] if runs["target"].notna().any() else []
    shown += ["dataset"] if len(levels_of(runs, "dataset")) > 1 else []
    rows = [
        (_name(level, shown, names), *_numbers(of_runs, of_runs[of_runs.index.isin(last)], columns))
        # Bounds apart, as in the figures: what is to be compared stands together.
        for bound in levels_of(runs, "bound")
        for level, of_runs in _by_levels(runs[runs["bound"] == bound], _FACTORS)
    ]
    to_compare = [*_to_compare(records, columns, names)]
    return Table(
        caption=caption,
        header=("Configuration", "Seeds", "Steps", *(column.header for column in columns)),
        rows=(*rows, *to_compare),
        numeric=True,
        reference_rows=len(to_compare),
    )


def _by_levels(
    table: pd.DataFrame, factors: Sequence[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield the rows of each combination of levels, with the level of each factor."""
    for levels, rows in table.groupby(list(factors), dropna=False, sort=False):
        yield dict(zip(factors, levels, strict=True)), rows


def _name(level: Mapping[str, Any], factors: Iterable[str], names: Names) -> str:
    """Return the name of a configuration, without the factors that it lacks."""
    return " · ".join(names.short(each, level[each]) for each in factors if level[each] != "")


def _numbers(
    runs: pd.DataFrame, final: pd.DataFrame, columns: tuple[_Column, ...]
) -> tuple[str, ...]:
    begun, kept = runs["seed"].nunique(), final["seed"].nunique()
    if not kept:
        return (f"0 of {begun}:\nfailed", *(_NOT_APPLICABLE,) * (len(columns) + 1))
    steps = sorted({int(step) for step in final["step"]})
    measured = (column.shown(runs if column.at_start else final) for column in columns)
    return (
        f"{kept}" if kept == begun else f"{kept} of {begun}:\n{begun - kept} failed",
        " to ".join(dict.fromkeys(format_count(step) for step in (steps[0], steps[-1]))),
        *(shown or _NOT_APPLICABLE for shown in measured),
    )


def _to_compare(
    records: pd.DataFrame, columns: tuple[_Column, ...], names: Names
) -> Iterator[tuple[str, ...]]:
    """Yield the raw pixels and each untrained encoder, where those were probed."""
    probes = [column for column in columns if column.is_probe]
    untrained = trained_runs(finished_runs(records))
    untrained = untrained[untrained["step"] == 0]
    compared = {"raw pixels": raw_pixels(records)}
    for encoder in levels_of(untrained, "encoder"):
        of_encoder = untrained[untrained["encoder"] == encoder]
        compared[f"untrained {names.phrase('encoder', encoder)}"] = of_encoder
    for name, probed in compared.items():
        if probes and len(probed):
            shown = (column.shown(probed) if column.is_probe else "" for column in columns)
            seeds = f"{probed['seed'].nunique()}"
            yield (name, seeds, format_number(0, 0), *(each or _NOT_APPLICABLE for each in shown))


def _columns_of(runs: pd.DataFrame) -> tuple[_Column, ...]:
    """Return the columns in which anything was measured.

    Args:
        runs: records of the runs of one figure.
    """
    measured = set(runs[["split", "metric"]].itertuples(index=False, name=None))
    columns = [column for column in _COLUMNS if (column.split, column.metric) in measured]
    if _TRUTH in columns:
        # The truth is 0.02 nats there, and so is what is told apart.
        columns = [replace(column, decimals=_TRUTH.decimals) for column in columns]
    return tuple(columns)


_TRUTH = _Column("True information (nats)", "test", "true_information", 4, at_start=True)
_COLUMNS = (
    _Column("Bound, training batches (nats)", "train", "bound", 2),
    _Column("Bound, training batches, smoothed (nats)", "train", "bound_smoothed", 2),
    _Column("Estimate on own negatives, training (nats)", "train", "estimate_on_negatives", 2),
    _Column("Anchors without negatives", "train", "anchors_without_negatives", 3),
    _Column("Bound, held-out pairs (nats)", "test", "bound", 2, has_interval=True),
    _TRUTH,
    _Column("Probe accuracy, ours", "test", "probe_accuracy", 4, is_probe=True),
    _Column("Probe accuracy, notebook's", "test", "probe_accuracy_notebook", 4, is_probe=True),
    _Column("Information by copula (nats)", "test", "information_copula", 2, has_interval=True),
    _Column(
        "The same by neighbours (nats)", "test", "information_neighbours", 2, has_interval=True
    ),
    _Column("At least, by critic (nats)", "test", "information_critic", 2, has_interval=True),
    _Column("cos-DV, held-out pairs (nats)", "test", "cos_dv", 2),
    _Column("Spread behind the head", "test", "spread", 3),
    _Column("Effective rank behind the head", "test", "effective_rank", 1),
    _Column("Cosine with the marginal's gradient", "test", "marginal_agreement", 3),
    _Column("Median log condition number (nats)", "train", "log_condition_number_p50", 2),
    _Column("Classifier's cross-entropy (nats)", "train", "classifier_cross_entropy", 3),
    _Column("Encoder's loss (nats)", "train", "encoder_loss", 3),
    _Column("Largest error of inverse, float32", "test", "reconstruction_error", None),
    _Column("The same, float64", "test", "reconstruction_error_float64", None),
)


_TIMED = ["study", "dataset", "bound", "encoder", "critic", "loss", "negatives", "target"]
_SECONDS = ["training_seconds", "evaluation_seconds"]


def timing_table(timings: pd.DataFrame, names: Names) -> Table:
    """Return a table of seconds and steps per second, a row for each configuration and the total.

    Args:
        timings: one row for each job: runs of one configuration that were trained side by side.
        names: what levels are called.
    """
    # A target that is maximised is null in JSON, and a column of nulls is not of numbers.
    timings = timings.astype({"target": "float64"})
    rows = [
        _timing_row(_name(level, (each for each in _TIMED if pd.notna(level[each])), names), jobs)
        for level, jobs in _by_levels(timings, _TIMED)
    ]
    header = ("Configuration", "Runs", "Steps of all runs per second", "Training (s)")
    return Table(
        caption="Time taken by each configuration",
        header=(*header, "Evaluation (s)"),
        rows=(*rows, _timing_row("total", timings)),
        numeric=True,
        reference_rows=1,
    )


def _timing_row(name: str, jobs: pd.DataFrame) -> tuple[str, ...]:
    training, evaluation = (float(jobs[column].sum()) for column in _SECONDS)
    runs = jobs["seeds"].map(len)
    steps = float((jobs["steps"] * runs).sum())
    return (
        name,
        format_count(int(runs.sum())),
        format_number(steps / training, 1) if training > 0 else "not measured",
        format_number(training, 1),
        format_number(evaluation, 1),
    )


_LEVELS = ("dataset", "encoder", "critic", "bound", "target", "loss", "negatives")
_VALUES = ("quantity", "split", "step", "mean", "standard_deviation", "seeds")


def figure_table(study: str, dataset: str, drawn: StudyFigure) -> pd.DataFrame:
    """Return one row for each point of each curve, and one for each horizontal line.

    A line has neither split, step nor seeds. Cells of factors that it does not belong to are empty.

    Args:
        study: name of the study.
        dataset: data set that the whole figure is on; empty if it compares several.
        drawn: the figure.
    """
    rows: list[dict[str, Any]] = []
    for trace in drawn.traces:
        of = {"quantity": trace.quantity.metric, "split": trace.quantity.split}
        points = zip(trace.steps, trace.mean, trace.spread, trace.seeds, strict=True)
        for point in points:
            rows.append({**trace.configuration, **of, **dict(zip(_VALUES[2:], point, strict=True))})
    for line in drawn.references:
        row = {"dataset": dataset, **line.configuration, "quantity": line.kind, "mean": line.value}
        if row not in rows:
            rows.append(row)
    table = pd.DataFrame(rows, columns=[*_LEVELS, *_VALUES])
    table.insert(0, "study", study)
    # Whole numbers stay whole beside empty cells.
    return table.astype({"step": "Int64", "seeds": "Int64"})


def recorded_settings(metadata: Mapping[str, Any]) -> Reproduction | None:
    """Read the settings that are kept with the records; nothing if there are none.

    Raises:
        UserError: if they are not settings of this version.
    """
    if "settings" not in metadata:
        return None
    try:
        return Reproduction.model_validate(metadata["settings"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise UserError(
            f"the settings kept with the records cannot be read: {where}: {first['msg']}; "
            "draw the report with the version of infomax that made the records"
        ) from error


def paper_departures(study: Study) -> list[str]:
    """Return a sentence for each way in which a study departs from the paper's."""
    entry = STUDIES.get(study.name)
    if entry is None:
        return ["the paper has no study of this name to compare with"]
    if entry.in_paper:
        return departures(study, entry.full) or ["none in its settings"]
    smaller = departures(study, entry.full, where="at full scale")
    return ["the paper has no study of this name to compare with", *smaller]


def settings_table(study: Study) -> Table:
    """Return a table of all settings of a study."""
    settings = study.model_dump(exclude={"name", "title", "question"})
    return Table(
        caption=f"Settings of the study {study.name}",
        header=("Setting", "Value"),
        rows=tuple(
            (name.replace("_", " "), show_setting(value)) for name, value in settings.items()
        ),
    )


def environment_table(environment: Mapping[str, Any]) -> Table:
    """Return a table of versions, machine and command."""
    return Table(
        caption="Versions and machine",
        header=("What", "Value"),
        rows=tuple((str(name), str(value)) for name, value in environment.items()),
    )


def estimation_errors(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each estimate: what it is of, truth, estimate and error, in nats.

    Args:
        records: records of a benchmark of estimates.
    """
    columns = ["dataset", "method", "samples", "seed"]
    values = records.pivot_table(
        index=columns, columns="metric", values="value", sort=False, dropna=False
    ).reset_index()
    table = values.rename(columns={"dataset": "task", "mutual_information": "truth"})
    table["error"] = table["estimate"] - table["truth"]
    return table[["task", "method", "samples", "seed", "truth", "estimate", "error"]]


def mean_errors(errors: pd.DataFrame, *, absolute: bool = False) -> pd.DataFrame:
    """Return mean errors over seeds, in nats: a row for each task, a column for each method.

    Where samples are of several sizes, each method has a column for each of them.

    Args:
        errors: table that `estimation_errors` returned.
        absolute: whether errors are taken without their sign.
    """
    taken = errors.assign(error=errors["error"].abs()) if absolute else errors
    if len(set(errors["samples"])) > 1:
        named = [
            f"{method}, N = {samples}"
            for method, samples in zip(errors["method"], errors["samples"], strict=True)
        ]
        taken = taken.assign(method=named)
    tasks, methods = (list(dict.fromkeys(taken[name])) for name in ("task", "method"))
    means = taken.pivot_table(index="task", columns="method", values="error", dropna=False)
    return means.reindex(index=tasks, columns=methods)
