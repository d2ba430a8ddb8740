"""The best codes beside what needed no training, under the same probe."""

import pandas as pd

from infomax.records import final_records
from infomax.report.configurations import raw_pixels, trained
from infomax.report.formatting import number
from infomax.report.names import level_phrase
from infomax.report.outcomes import finished

__all__ = ["against_untrained"]


def against_untrained(records: pd.DataFrame) -> str:
    """Return how the codes compare with raw pixels and untrained encoders.

    Empty if nothing was trained, or one of the three was not probed.

    Args:
        records: of one figure.
    """
    final = _probed(trained(final_records(records)))
    runs = trained(finished(records))
    untrained = _probed(runs[runs["step"] == 0])
    pixels = _probed(raw_pixels(records))
    if final.empty or untrained.empty or pixels.empty or final["step"].max() == 0:
        return ""
    means = final.groupby(["encoder", "critic", "estimator", "target"], dropna=False, sort=False)[
        "value"
    ].mean()
    before = untrained.groupby("encoder", sort=False)["value"].mean()
    ends = [number(means.min(), 3), number(means.max(), 3)]
    ended = f"at {ends[0]}" if len(means) == 1 else f"between {ends[0]} and {ends[1]}"
    starts = " and ".join(
        f"the untrained {level_phrase('encoder', name)} {number(value, 3)}"
        for name, value in before.items()
    )
    return (
        f"Mean probe accuracy ended {ended}; raw pixels have {number(pixels['value'].mean(), 3)}, "
        f"{starts}, under the same probe."
    )


def _probed(records: pd.DataFrame) -> pd.DataFrame:
    return records[(records["metric"] == "probe_accuracy") & (records["split"] == "test")]
