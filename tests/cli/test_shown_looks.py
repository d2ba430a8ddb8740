"""What is shown beside progress: what was measured, and nothing that was not."""

import math

import pandas as pd
import pytest

from infomax.cli.shown_looks import shown_looks
from infomax.runs.looks import Look
from infomax.training import TrainingProgress


@pytest.mark.parametrize(("bound", "shown"), [(1.25, " (validation 1.250), "), (math.nan, ", ")])
def test_a_bound_on_validation_pairs_is_shown_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, bound: float, shown: str
) -> None:
    said: list[str] = []
    monkeypatch.setattr(TrainingProgress, "show_beside", lambda _self, text: said.append(text))
    progress = TrainingProgress.__new__(TrainingProgress)
    shown_looks(progress)(Look(0, (), bound, ()), pd.DataFrame())
    (text,) = said
    assert text.startswith(shown)
    assert "nan" not in text
