"""Curves of a run as text: whatever the values are, there is an axis for them."""

import io

import pandas as pd
import pytest
from rich.console import Console

from infomax.cli.terminal_curves import TerminalCurve, TerminalPanel, draw_panels


def drawn(values: list[float]) -> str:
    curve = TerminalCurve("held out", pd.Series(values, index=[0, 5, 10]), "o", "cyan")
    panel = draw_panels([TerminalPanel("Bound", [curve])], 80, coloured=False)
    assert panel is not None
    said = io.StringIO()
    Console(file=said, width=80).print(panel)
    return said.getvalue()


@pytest.mark.parametrize("values", [[1e17] * 3, [-1e17] * 3, [1e300, 1e300 * (1 + 1e-15), 1e300]])
def test_constant_values_of_any_size_have_an_axis(values: list[float]) -> None:
    said = drawn(values)
    assert f"{values[0]:.4g} |" in said
    assert said.count("o") == drawn([5.0] * 3).count("o")
