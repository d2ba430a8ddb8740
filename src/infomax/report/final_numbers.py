"""Every configuration's numbers after its last update, and what to compare them with."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from infomax.records import RUN_COLUMNS, final_records
from infomax.report.configurations import level_name, levels, raw_pixels, trained
from infomax.report.formatting import interval, mean_and_spread, number, whole
from infomax.report.outcomes import finished
from infomax.report.table import Table

__all__ = ["final_numbers"]

_HEADER = (
    "Configuration",
    "Seeds",
    "Steps",
    "Bound, training batches (nats)",
    "Bound, held-out pairs (nats)",
    "Probe accuracy, ours",
    "Probe accuracy, notebook's",
)
_NATS_DECIMALS, _ACCURACY_DECIMALS = 2, 4
_NOT_APPLICABLE = "\N{EN DASH}"


def final_numbers(study: str, records: pd.DataFrame) -> Table:
    """Return the table of final numbers of one study.

    Args:
        study: its name.
        records: of that study, failed runs among them.
    """
    final = trained(final_records(records))
    runs = trained(records)
    factors = [column for column in RUN_COLUMNS if column != "seed"]
    rows = [
        _configuration(_described(names, runs), of_runs, _same(final, factors, names))
        # Estimators apart, as in the figures: what is to be compared stands together.
        for estimator in levels(runs, "estimator")
        for names, of_runs in runs[runs["estimator"] == estimator].groupby(
            factors, dropna=False, sort=False
        )
    ]
    to_compare = [*_raw_pixels(records), *_untrained(trained(finished(records)))]
    return Table(
        caption=f"Final numbers of the study {study}",
        header=_HEADER,
        rows=(*rows, *to_compare),
        numeric=True,
        reference_rows=len(to_compare),
    )


def _described(names: tuple[object, ...], runs: pd.DataFrame) -> str:
    level = dict(zip((column for column in RUN_COLUMNS if column != "seed"), names, strict=True))
    shown = ["estimator", "encoder", "critic"]
    if runs["target"].notna().any():
        shown.append("target")
    if len(levels(runs, "dataset")) > 1:
        shown.append("dataset")
    return " · ".join(level_name(factor, level[factor]) for factor in shown if level[factor] != "")


def _same(final: pd.DataFrame, factors: list[str], names: tuple[Any, ...]) -> pd.DataFrame:
    for factor, name in zip(factors, names, strict=True):
        column = final[factor]
        final = final[column.isna() if pd.isna(name) else column == name]
    return final


def _configuration(name: str, runs: pd.DataFrame, final: pd.DataFrame) -> tuple[str, ...]:
    begun, kept = runs["seed"].nunique(), final["seed"].nunique()
    if not kept:
        return (name, f"0 of {begun}:\nfailed", *(_NOT_APPLICABLE,) * (len(_HEADER) - 2))
    steps = sorted({int(step) for step in final["step"]})
    return (
        name,
        f"{kept}" if kept == begun else f"{kept} of {begun}:\n{begun - kept} failed",
        " to ".join(dict.fromkeys(whole(step) for step in (steps[0], steps[-1]))),
        _spread(final, "train", "bound", _NATS_DECIMALS),
        _held_out_bound(final),
        _spread(final, "test", "probe_accuracy", _ACCURACY_DECIMALS),
        _spread(final, "test", "probe_accuracy_notebook", _ACCURACY_DECIMALS),
    )


def _held_out_bound(final: pd.DataFrame) -> str:
    shown = _spread(final, "test", "bound", _NATS_DECIMALS)
    low, high = (_values(final, "test", metric) for metric in ("bound_low", "bound_high"))
    if low.empty or high.empty:
        return shown
    # Python's sum, since pandas leaves out what is not a number.
    low_end, high_end = (float(sum(end)) / len(end) for end in (low, high))
    return f"{shown}\n{interval(low_end, high_end, _NATS_DECIMALS)}"


def _raw_pixels(records: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    pixels = raw_pixels(records)
    if len(pixels):
        yield _probed("raw pixels", pixels)


def _untrained(runs: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    untrained = runs[runs["step"] == 0]
    for encoder in levels(untrained, "encoder"):
        yield _probed(f"untrained {encoder} encoder", untrained[untrained["encoder"] == encoder])


def _probed(name: str, records: pd.DataFrame) -> tuple[str, ...]:
    return (
        name,
        f"{records['seed'].nunique()}",
        number(0, 0),
        _NOT_APPLICABLE,
        _NOT_APPLICABLE,
        _spread(records, "test", "probe_accuracy", _ACCURACY_DECIMALS),
        _spread(records, "test", "probe_accuracy_notebook", _ACCURACY_DECIMALS),
    )


def _spread(records: pd.DataFrame, split: str, metric: str, decimals: int) -> str:
    shown = mean_and_spread(list(_values(records, split, metric)), decimals)
    # Cells break where they are told to, so that no number is torn from its deviation.
    return shown.replace(", else ", ",\nelse ")


def _values(records: pd.DataFrame, split: str, metric: str) -> "pd.Series[float]":
    chosen = records[(records["split"] == split) & (records["metric"] == metric)]
    # Runs of one seed share their untrained encoder, which is one value and not several.
    values: pd.Series[float] = chosen.groupby("seed", sort=False)["value"].agg(
        lambda of_seed: sum(of_seed) / len(of_seed)
    )
    return values
