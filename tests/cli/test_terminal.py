"""What is printed beside results: warnings wrapped at words, evaluations, and nothing else."""

import math
from io import StringIO

import pytest
from rich.console import Console

from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import print_warning, show_evaluations
from infomax.evaluation import Evaluation
from infomax.training import Trainer

TOLD = "rows resemble their neighbours, [which] makes intervals too narrow"


@pytest.mark.parametrize(("terminal", "lines"), [(True, 3), (False, 1)])
def test_a_terminal_wraps_a_warning_at_words(terminal: bool, lines: int) -> None:
    written = StringIO()
    console = Console(
        file=written, width=40, force_terminal=terminal, soft_wrap=True, highlight=False
    )
    print_warning(console, TOLD)
    said = written.getvalue().splitlines()
    assert len(said) == lines
    assert " ".join(line.strip() for line in said) == f"infomax: warning: {TOLD}"
    assert max(map(len, said)) <= 40 or not terminal


@pytest.mark.parametrize(("bound", "shown"), [(1.25, ["validation 1.250"]), (math.nan, [])])
def test_a_bound_on_validation_pairs_is_shown_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, bound: float, shown: list[str]
) -> None:
    line = ProgressLine(Console(quiet=True))
    said: list[str] = []
    monkeypatch.setattr(line, "show_beside", said.extend)
    show_evaluations(line).on_evaluation_end(Trainer(1), Evaluation(0, (), bound, ()))
    *of_bound, memory = said
    assert of_bound == shown
    assert memory.endswith(" MiB")
