"""A bound and a critic that this package does not know, used by name wherever names are taken."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax import InfoMax, train
from infomax.bounds import BOUNDS, Bound, infonce
from infomax.critics import CRITICS, Critic, FactoredCritic
from infomax.encoders import ENCODERS
from infomax.errors import UserError
from infomax.estimation import estimate_mi
from infomax.records import read_records
from infomax.studies.catalogue import STUDIES
from infomax.training import PairModel
from infomax.warnings import CapWarning, EstimationWarning
from tests.cli.conftest import infomax as infomax  # noqa: PLC0414 - a fixture

Run = Callable[..., tuple[int, str, str]]


class WrittenOut(Bound):
    """InfoNCE as one would write it, of a tensor and of nothing else."""

    name, kind = "written-out", "lower bound"
    capped = True

    def estimate(self, scores: Tensor, /) -> Tensor:
        """InfoNCE, written out."""
        own = scores.diagonal(dim1=-2, dim2=-1)
        return (own - scores.logsumexp(dim=-1)).mean(dim=-1) + math.log(scores.shape[-1])


class Halved(Bound):
    """Half of InfoNCE, of any score matrix, and trained by the whole of it."""

    name, kind = "halved", "lower bound"
    label = "half of InfoNCE"
    computed_from = "tiles"

    def estimate(self, scores: Any, /) -> Tensor:
        """Half of InfoNCE."""
        return infonce(scores) / 2

    def objective(self, scores: Any, /) -> Tensor:
        return infonce(scores)


class Distance(Critic):
    """Scores by how near two codes are."""

    def __init__(self, x_size: int, y_size: int, _: torch.Generator) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.narrow = min(x_size, y_size)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        difference = x[..., None, : self.narrow] - y[..., None, :, : self.narrow]
        return -self.scale * difference.square().mean(dim=-1)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, "written-out", WrittenOut)
    monkeypatch.setitem(BOUNDS, "halved", Halved)
    monkeypatch.setitem(CRITICS, "distance", Distance)


@pytest.fixture(scope="module")
def pairs() -> tuple[Any, Any]:
    x, noise = np.random.default_rng(0).standard_normal((2, 400, 3))
    return x, 0.8 * x + 0.6 * noise


def model_with(critic: nn.Module) -> PairModel:
    x_encoder, y_encoder = (
        ENCODERS["mlp"]((3,), torch.Generator().manual_seed(side)) for side in (0, 1)
    )
    return PairModel(x_encoder, y_encoder, critic)


def test_train_takes_their_names(pairs: tuple[Any, Any]) -> None:
    bounds = {}
    for name in ("infonce", "written-out", "halved"):
        critic = Distance(100, 100, torch.Generator())
        trained = train(pairs, model_with(critic), name, batch_size=32, steps=30)
        bounds[name] = trained.validation_bound
    assert bounds["written-out"] == pytest.approx(bounds["infonce"], abs=1e-4)
    assert bounds["halved"] == pytest.approx(bounds["infonce"] / 2, abs=1e-4)
    assert bounds["infonce"] > 0.1


def test_a_model_is_built_of_their_names(pairs: tuple[Any, Any]) -> None:
    settings: dict[str, Any] = {"steps": 30, "batch_size": 64, "random_state": 0}
    model = InfoMax("mlp", "distance", "written-out", **settings).fit(*pairs)
    known = InfoMax("mlp", "distance", "infonce", **settings).fit(*pairs)
    assert model.validation_bound_ == pytest.approx(known.validation_bound_, abs=1e-4)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize(("name", "times"), [("written-out", 1), ("halved", 2)])
def test_estimates_have_an_interval(name: str, times: int, pairs: tuple[Any, Any]) -> None:
    ours, known = (
        estimate_mi(*pairs, method, permutations=19, random_state=0) for method in (name, "infonce")
    )
    assert ours.method == name
    assert ours.kind == "lower bound"
    assert ours.value * times == pytest.approx(known.value, abs=1e-3)
    assert ours.interval.low < ours.value < ours.interval.high
    # Halves of the pairs, where copies cannot be told apart, scatter as pairs drawn again do.
    assert ours.interval.width * times == pytest.approx(known.interval.width, rel=0.35)


def test_warnings_know_their_ceiling() -> None:
    # Many columns that say the same: more than so few test pairs can show.
    x, noise = np.random.default_rng(0).standard_normal((2, 300, 8))
    with pytest.warns(EstimationWarning) as told:
        estimate_mi(x, x + 0.1 * noise, "written-out", permutations=19)
    (cap,) = [each.message for each in told if isinstance(each.message, CapWarning)]
    assert str(cap).startswith("written-out of ")


def test_a_study_takes_their_names(
    infomax: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Processes of their own would know what is registered here only if they were told.
    monkeypatch.setattr("infomax.studies.reproduce.processes_of_this_machine", lambda: 1)
    entry = STUDIES["non-iid"]
    study = entry.full.model_copy(
        update={"critics": ("distance",), "bounds": ("halved",), "datasets": ("gaussian-iid",)}
    )
    monkeypatch.setitem(STUDIES, "non-iid", replace(entry, full=study))
    status, _, said = infomax(
        "reproduce", "non-iid", "--steps", 30, "--seeds", 1, "--out", tmp_path
    )
    assert (status, said) == (0, said)
    records, metadata = read_records(tmp_path / "records.parquet")
    assert set(records["bound"]) == {"halved"}
    assert set(records["critic"]) == {"distance"}
    assert metadata["labels"] == {"bound": {"halved": "half of InfoNCE"}}
    assert "half of InfoNCE" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_they_are_listed(infomax: Run) -> None:
    for kind, line in (
        ("bounds", "written-out        InfoNCE, written out."),
        ("critics", "distance       Scores by how near two codes are."),
        ("methods", "By trained critics: Half of InfoNCE."),
    ):
        _, listed, _ = infomax("list", kind)
        assert line in listed


class WithoutEstimate(Bound):
    name, kind = "without", "neither"


class WithoutName(Bound):
    def estimate(self, scores: Tensor, /) -> Tensor:
        return infonce(scores)


class Alike(nn.Module):
    name, kind = "alike", "neither"

    def estimate(self, scores: Tensor, /) -> Tensor:
        return infonce(scores)


@pytest.mark.parametrize(
    ("bound", "lacking"),
    [
        (WithoutEstimate, r"WithoutEstimate\) lacks estimate: derive it"),
        (WithoutName, r"WithoutName\) lacks name and kind: derive it"),
        (Alike, r"Alike\) lacks all that has a default: derive it"),
    ],
)
def test_a_bound_is_refused_by_name_with_what_it_lacks(
    bound: type[Any],
    lacking: str,
    infomax: Run,
    pairs: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(BOUNDS, "half-done", bound)
    message = rf"the bound half-done \({lacking} from infomax.bounds.Bound"
    with pytest.raises(UserError, match=message):
        train(pairs, model_with(CRITICS["bilinear"](100, 100, torch.Generator())), "half-done")
    with pytest.raises(UserError, match=message):
        InfoMax(bound="half-done").fit(*pairs)
    with pytest.raises(UserError, match=message):
        estimate_mi(*pairs, "half-done")
    status, _, said = infomax("list", "bounds")
    assert (status, said.count("\n")) == (2, 1)
    assert "the bound half-done" in said


def test_what_is_no_bound_is_refused_by_what_it_lacks(pairs: tuple[Any, Any]) -> None:
    critic = CRITICS["bilinear"](100, 100, torch.Generator())
    with pytest.raises(UserError, match=r"the bound alike \(Alike\) lacks"):
        train(pairs, model_with(critic), Alike())  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"the bound 3 \(int\) lacks name, kind and estimate"):
        train(pairs, model_with(critic), 3)  # type: ignore[arg-type]


class WithoutForward(Critic):
    def __init__(self, *_: Any) -> None:
        super().__init__()


class WithoutFactors(FactoredCritic):
    def __init__(self, *_: Any) -> None:
        super().__init__()


@pytest.mark.parametrize(
    ("critic", "lacking"),
    [
        (WithoutForward, "WithoutForward lacks forward"),
        (WithoutFactors, "WithoutFactors lacks factors"),
    ],
)
def test_a_critic_is_refused_by_name_with_what_it_lacks(
    critic: type[Critic],
    lacking: str,
    pairs: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CRITICS, "half-done", critic)
    with pytest.raises(UserError, match=f"the critic {lacking}"):
        InfoMax(critic="half-done").fit(*pairs)
    with pytest.raises(UserError, match=f"the critic {lacking}"):
        train(pairs, model_with(critic()), batch_size=32)
