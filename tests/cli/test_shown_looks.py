"""What is shown beside progress: what was measured, and nothing that was not."""

import math

import pandas as pd
import pytest
from rich.console import Console

from infomax.cli.progress_line import ProgressLine
from infomax.cli.shown_looks import shown_looks
from infomax.experiments.evaluator import Evaluation


@pytest.mark.parametrize(("bound", "shown"), [(1.25, ["validation 1.250"]), (math.nan, [])])
def test_a_bound_on_validation_pairs_is_shown_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, bound: float, shown: list[str]
) -> None:
    line = ProgressLine(Console(quiet=True))
    said: list[str] = []
    monkeypatch.setattr(line, "show_beside", said.extend)
    shown_looks(line)(Evaluation(0, (), bound, ()), pd.DataFrame())
    *of_bound, memory = said
    assert of_bound == shown
    assert memory.endswith(" MiB")
