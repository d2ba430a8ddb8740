"""What an estimate is at, in a terminal and elsewhere."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from infomax.cli.estimation_bar import EstimationBar
from tests.cli.conftest import Run


def shown(*, terminal: bool) -> str:
    text = io.StringIO()
    with EstimationBar(Console(file=text, force_terminal=terminal, width=100)) as bar:
        bar.start("training critics", 4000)
        bar.advance(400)
    return text.getvalue()


def test_a_terminal_shows_what_is_done_and_the_time_left() -> None:
    line = shown(terminal=True)
    assert "training critics" in line
    assert "about" in line
    assert "left" in line


def test_elsewhere_nothing_is_shown() -> None:
    assert not shown(terminal=False).strip()


FITTED = ("fitting what critics begin as", "training critics")
OF_ROWS = "testing all rows by permutation"


@pytest.mark.parametrize(
    ("asked", "stages"),
    [
        ((40, ()), [*FITTED, "drawing test pairs again, for the interval", OF_ROWS]),
        ((1, ("--method", "ksg-1")), ["repeating the estimate on permuted pairs", OF_ROWS]),
    ],
    ids=["many columns", "neighbours"],
)
def test_an_estimate_shows_each_thing_that_it_is_at(
    asked: tuple[int, tuple[str, ...]],
    stages: list[str],
    infomax: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns, flags = asked
    shown: list[str] = []
    steps: list[int] = []
    monkeypatch.setattr(EstimationBar, "start", lambda _bar, doing, _steps: shown.append(doing))
    monkeypatch.setattr(EstimationBar, "advance", lambda _bar, step: steps.append(step))
    x, noise = np.random.default_rng(0).standard_normal((2, 600, columns))
    files = {"x.npy": x, "y.npy": x + noise}
    for name, side in files.items():
        np.save(tmp_path / name, side)
    paths = [tmp_path / name for name in files]
    code, _, error = infomax("estimate", *paths, *flags, "--permutations", "19")
    assert code == 0, error
    assert list(dict.fromkeys(shown)) == ["reading columns", *stages]
    assert max(steps) > 1
