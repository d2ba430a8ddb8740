"""Matched bound: architecture against half the bound, each way, and where it is not asked."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks import matched_bound
from infomax.audit.checks.matched_bound import check_matched_bound
from infomax.audit.matched_training import MatchedCodes, other_architecture, train_to_bound
from infomax.audit.probed_rows import ProbedRows, probed_rows
from infomax.audit.simple_critic import fit_simple_critic, held_out_bound
from infomax.experiments.build import ModelConfig, build_model
from infomax.experiments.pair_datasets import as_pair_dataset
from infomax.training import PairModel
from tests.audit.planted import read, sound

SHAPES = ((6,), (6,))


def made(seed: int) -> PairModel:
    options = {"layer_sizes": [32, 6]}
    return build_model(ModelConfig("mlp", encoder_options=options, seed=seed), SHAPES).eval()


class Scaled(nn.Module):
    """Fixed weights of columns, as if a training had ended there."""

    def __init__(self, weights: Sequence[float], noise: float = 0.0) -> None:
        super().__init__()
        self.weights, self.noise = torch.tensor(weights), noise

    def forward(self, view: Tensor) -> Tensor:
        # Noise that depends on the view alone, so that codes are functions of views.
        return view * self.weights + self.noise * torch.sin(1e4 * view)


def audited(*, rows: int = 1_600) -> AuditedCodes:
    """Views whose first column tells classes, and whose columns are shared all alike."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((rows, 6))
    y = x + 0.5 * generator.standard_normal((rows, 6))
    pairs = as_pair_dataset((x, y), torch.device("cpu"))
    encoder = Scaled([1.0] * 6)
    others = np.arange(1_000, rows)
    encoders = AuditedEncoders(encoder, encoder, pairs, others=others, make=made, batch_size=64)
    labels = (x[:, 0] > 0).astype(np.int64)
    return encode_pairs("mine", encoders, np.arange(1_000), seed=0, labels=labels)


def planted(
    monkeypatch: pytest.MonkeyPatch, *, half: nn.Module, other: nn.Module, codes: AuditedCodes
) -> None:
    """Let trainings end at encoders that are known, the one of half the bound first."""
    ends = iter([half, other])

    def end(model: PairModel, codes: AuditedCodes, rows: ProbedRows, target: float) -> MatchedCodes:
        del model, target
        assert codes.raw is not None
        encoder = next(ends)
        x, y = (encoder(each).double() for each in codes.raw)
        now = MatchedCodes.of(dataclasses.replace(codes, x=x, y=y), rows)
        return dataclasses.replace(now, step=7, ended="the target is reached")

    monkeypatch.setattr(matched_bound, "train_to_bound", end)


WITHOUT_CLASSES = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
HALF_WITH_CLASSES = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
HALF_WITHOUT = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]


def test_an_architecture_that_moves_the_probe_more_speaks_against_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = audited()
    planted(monkeypatch, half=Scaled(HALF_WITH_CLASSES), other=Scaled(WITHOUT_CLASSES), codes=codes)
    finding = check_matched_bound(codes)
    assert (finding.status, finding.stance) == ("caution", "against"), finding.sentence
    assert finding.interval is not None
    assert finding.interval.high < -0.3
    drawn = finding.figures[0].table.set_index("label")
    assert drawn.loc["audited", "at"] == finding.measured["bound_audited_nats"]
    assert len(drawn) == 3


def test_a_bound_that_moves_the_probe_more_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = audited()
    planted(monkeypatch, half=Scaled(HALF_WITHOUT), other=Scaled([2.0] * 6), codes=codes)
    finding = check_matched_bound(codes)
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "the bound counts more" in finding.sentence


def test_where_neither_moves_it_nothing_speaks_against(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = audited()
    planted(monkeypatch, half=Scaled(HALF_WITH_CLASSES), other=Scaled([2.0] * 6), codes=codes)
    finding = check_matched_bound(codes)
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "neither surely moves it more" in finding.sentence


def test_a_target_that_is_missed_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = audited()
    same = Scaled([1.0] * 6)
    planted(monkeypatch, half=same, other=Scaled(HALF_WITHOUT), codes=codes)
    finding = check_matched_bound(codes)
    assert (finding.status, finding.stance) == ("sound", "undecided")
    assert len(finding.measured["missed"]) == 2
    assert "instead of" in finding.sentence


def test_training_stops_at_the_weights_nearest_to_a_target() -> None:
    codes = audited()
    rows = probed_rows(codes)
    untrained = train_to_bound(made(1), codes, rows, 0.0)
    assert (untrained.step, untrained.ended) == (0, "the target is reached")
    target = untrained.bound.mean + 0.3
    found = train_to_bound(made(1), codes, rows, target)
    assert found.step > 0
    assert found.ended == "the target is reached"
    assert found.bound.mean == pytest.approx(target, abs=0.3)
    again = train_to_bound(made(1), codes, rows, target)
    assert (again.bound.mean, again.step) == (found.bound.mean, found.step)
    np.testing.assert_array_equal(again.named, found.named)


def test_the_audited_bound_is_that_of_the_simple_critic() -> None:
    codes = audited()
    mine = MatchedCodes.of(codes, probed_rows(codes))
    critic = fit_simple_critic(codes)
    assert mine.bound == held_out_bound(critic, codes, 250)


@pytest.mark.parametrize(
    ("audited_encoder", "shape", "told"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 3)), (14, 28, 1), "an MLP with 2 hidden"),
        (nn.Linear(4, 2), (14, 28, 1), "a ConvNet"),
        (nn.Linear(4, 2), (6,), "an MLP with 1 hidden layer of"),
        (nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2)), (6,), "an MLP with 2 hidden layers"),
    ],
)
def test_the_other_architecture_is_another(
    audited_encoder: nn.Module, shape: tuple[int, ...], told: str
) -> None:
    pairs = as_pair_dataset((torch.zeros(4, *shape), torch.zeros(4, *shape)), torch.device("cpu"))
    found, model = other_architecture(
        AuditedEncoders(audited_encoder, audited_encoder, pairs), 8, 0
    )
    assert found.startswith(told)
    assert isinstance(model, PairModel)


def test_it_is_not_run_where_nobody_can_train_others() -> None:
    finding = check_matched_bound(read(sound(0)))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert finding.next_step == "audit a run"
    codes = audited()
    assert codes.encoders is not None
    for changed in ({"make": None}, {"others": np.arange(0)}):
        encoders = dataclasses.replace(codes.encoders, **changed)
        finding = check_matched_bound(dataclasses.replace(codes, encoders=encoders))
        assert (finding.status, finding.stance) == ("not run", "not against")
    finding = check_matched_bound(dataclasses.replace(codes, labels=None))
    assert (finding.status, finding.stance) == ("not run", "undecided")
    noise = torch.randn(codes.y.shape, generator=torch.Generator().manual_seed(3)).double()
    finding = check_matched_bound(dataclasses.replace(codes, y=noise))
    assert "too low to be halved" in finding.short
