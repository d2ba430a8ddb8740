"""Every configuration's numbers after its last update, and what to compare them with."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from infomax.records import RUN_COLUMNS, final_records
from infomax.report.configurations import levels, raw_pixels, trained
from infomax.report.formatting import number, whole
from infomax.report.measured_columns import Column, columns_of
from infomax.report.names import level_name, level_phrase
from infomax.report.outcomes import finished
from infomax.report.page import Table

__all__ = ["final_numbers"]

_FACTORS = tuple(column for column in RUN_COLUMNS if column != "seed")
_NOT_APPLICABLE = "\N{EN DASH}"


def final_numbers(caption: str, records: pd.DataFrame) -> Table:
    """Return the table of final numbers of one figure, with a column for all that was measured.

    Args:
        caption: of the table.
        records: of that figure, failed runs among them.
    """
    final, runs = trained(final_records(records)), trained(records)
    columns = columns_of(runs)
    rows = [
        _configuration(_described(names, runs), of_runs, _same(final, names), columns)
        # Estimators apart, as in the figures: what is to be compared stands together.
        for estimator in levels(runs, "estimator")
        for names, of_runs in runs[runs["estimator"] == estimator].groupby(
            list(_FACTORS), dropna=False, sort=False
        )
    ]
    to_compare = [*_to_compare(records, columns)]
    return Table(
        caption=caption,
        header=("Configuration", "Seeds", "Steps", *(column.header for column in columns)),
        rows=(*rows, *to_compare),
        numeric=True,
        reference_rows=len(to_compare),
    )


def _described(names: tuple[object, ...], runs: pd.DataFrame) -> str:
    level = dict(zip(_FACTORS, names, strict=True))
    shown = ["estimator", "encoder", "critic"]
    if runs["target"].notna().any():
        shown.append("target")
    if len(levels(runs, "dataset")) > 1:
        shown.append("dataset")
    return " · ".join(level_name(factor, level[factor]) for factor in shown if level[factor] != "")


def _same(final: pd.DataFrame, names: tuple[Any, ...]) -> pd.DataFrame:
    for factor, name in zip(_FACTORS, names, strict=True):
        column = final[factor]
        final = final[column.isna() if pd.isna(name) else column == name]
    return final


def _configuration(
    name: str, runs: pd.DataFrame, final: pd.DataFrame, columns: tuple[Column, ...]
) -> tuple[str, ...]:
    begun, kept = runs["seed"].nunique(), final["seed"].nunique()
    if not kept:
        return (name, f"0 of {begun}:\nfailed", *(_NOT_APPLICABLE,) * (len(columns) + 1))
    steps = sorted({int(step) for step in final["step"]})
    measured = (column.shown(runs if column.at_start else final) for column in columns)
    return (
        name,
        f"{kept}" if kept == begun else f"{kept} of {begun}:\n{begun - kept} failed",
        " to ".join(dict.fromkeys(whole(step) for step in (steps[0], steps[-1]))),
        *(shown or _NOT_APPLICABLE for shown in measured),
    )


def _to_compare(records: pd.DataFrame, columns: tuple[Column, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the raw pixels and each untrained encoder, where those were probed."""
    probes = [column for column in columns if column.is_probe]
    untrained = trained(finished(records))
    untrained = untrained[untrained["step"] == 0]
    compared = {
        "raw pixels": raw_pixels(records),
        **{
            f"untrained {level_phrase('encoder', encoder)}": untrained[
                untrained["encoder"] == encoder
            ]
            for encoder in levels(untrained, "encoder")
        },
    }
    for name, probed in compared.items():
        if probes and len(probed):
            yield (
                name,
                f"{probed['seed'].nunique()}",
                number(0, 0),
                *(
                    (column.shown(probed) if column.is_probe else "") or _NOT_APPLICABLE
                    for column in columns
                ),
            )
