"""``infomax list``: all that has a name, or one kind of it."""

import pytest

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import METHODS
from infomax.losses import LOSSES
from infomax.training import OPTIMIZERS
from infomax.views import VIEWS
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("bounds", BOUNDS),
        ("losses", LOSSES),
        ("critics", CRITICS),
        ("optimizers", OPTIMIZERS),
        ("views", VIEWS),
        ("methods", METHODS),
        ("distributions", DISTRIBUTIONS),
    ],
)
def test_one_kind_is_listed_alone(kind: str, names: dict[str, object], infomax: Run) -> None:
    status, said, _ = infomax("list", kind)
    assert status == 0
    first = {line.split()[0] for line in said.splitlines() if line.strip()}
    assert first >= names.keys()
    others = {
        *BOUNDS,
        *LOSSES,
        *CRITICS,
        *OPTIMIZERS,
        *VIEWS,
        *METHODS,
        *DISTRIBUTIONS,
    } - names.keys()
    assert others.isdisjoint(first)


@pytest.mark.parametrize(
    ("mistyped", "nearest"), [("bound", "bounds"), ("Critics", "critics"), ("data", "datasets")]
)
def test_a_kind_that_there_is_not_is_one_line_with_the_nearest(
    mistyped: str, nearest: str, infomax: Run
) -> None:
    status, listed, said = infomax("list", mistyped)
    assert (status, listed, said.count("\n")) == (2, "", 1)
    assert f"unknown kind {mistyped!r}: did you mean {nearest!r}?" in said


def test_formulas_are_listed_without_markup(infomax: Run) -> None:
    _, said, _ = infomax("list")
    assert "Scores by f(x, y) = xᵀ y." in said
    # However lines are cut.
    assert "φ₁(x)ᵀ φ₂(y)" in " ".join(said.split())
    assert not [mark for mark in (":math:", "\\", "^", "_1(") if mark in said]
