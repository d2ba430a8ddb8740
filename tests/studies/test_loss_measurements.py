"""What is measured of codes that a loss trained, against plain loops and closed forms."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from infomax.critics import CosineCritic
from infomax.encoders import Predictor
from infomax.losses import Loss, LossInputs, LossTerms, find_loss
from infomax.losses.cross_moments import standardised
from infomax.losses.loss_terms import Term
from infomax.score_matrix import score_matrix_of
from infomax.studies.loss_gradients import SHARPNESSES, agreement_metric, measure_gradients
from infomax.studies.loss_measurements import (
    INFORMATION_BY,
    HeldOutCodes,
    measure_codes,
    measure_information,
    measure_retrieval,
    measure_terms,
)
from infomax.training import PairModel, Pairs

DRAW = torch.Generator().manual_seed(0)
X, NOISE = torch.randn(2, 400, 6, generator=DRAW)
CODES = HeldOutCodes(X, X, X + 0.5 * NOISE)


def model(*, shared: bool = True, predictor: bool = False) -> PairModel:
    generator = torch.Generator().manual_seed(1)
    encoders = [nn.Linear(6, 4) for _ in range(2)]
    head = nn.Linear(4, 4)
    made = PairModel(
        encoders[0],
        encoders[0 if shared else 1],
        CosineCritic(4, 4, generator),
        heads=(head, head if shared else nn.Linear(4, 4)),
    )
    if predictor:
        made.x_predictor = made.y_predictor = Predictor(4, generator)
    return made


def read(codes: HeldOutCodes) -> dict[str, float]:
    measured = measure_codes(codes, batch_size=100, temperature=0.5, most_pairs=300)
    return {each.metric: each.value for each in measured}


def test_the_value_is_read_on_as_many_pairs_as_there_are() -> None:
    x, y = (nn.functional.normalize(each[:300]) for each in (CODES.x, CODES.y))
    scores = (x @ y.T / 0.5).double()
    apart = [scores[i, j] for i in range(300) for j in range(300) if i != j]
    joint = float(scores.diagonal().mean())
    marginal = float(torch.stack(apart).exp().mean().log())
    found = read(CODES)
    assert found["joint_part"] == pytest.approx(joint, rel=1e-5)
    assert found["marginal_part"] == pytest.approx(marginal, rel=1e-5)
    assert found["cos_dv"] == pytest.approx(joint - marginal, rel=1e-5)
    assert found["cos_dv_of_batches_low"] < found["cos_dv"] < found["cos_dv_of_batches_high"]


def test_spread_is_one_all_over_the_sphere_and_none_where_codes_are_one() -> None:
    everywhere = torch.randn(4_000, 32, generator=DRAW)
    assert read(HeldOutCodes(*[everywhere] * 3))["spread"] == pytest.approx(1, abs=0.01)
    one = HeldOutCodes(*[torch.ones(400, 6)] * 3)
    assert read(one)["spread"] == pytest.approx(0, abs=1e-6)
    assert read(one)["effective_rank"] == 0


def test_information_is_that_of_normal_pairs_and_none_of_codes_that_are_one() -> None:
    # Correlation 1 / sqrt(1.25) in each of six dimensions.
    truth = -3 * math.log(1 - 1 / 1.25)
    found = {each.metric: each.value for each in measure_information(CODES, seed=0)}
    assert found["information_copula"] == pytest.approx(truth, abs=0.7)
    # Of three of six components it is half; and a critic of few pairs says at least.
    assert found["information_neighbours"] == pytest.approx(truth / 2, abs=0.7)
    assert 0.5 < found["information_critic"] < truth + 0.7
    one = HeldOutCodes(*[torch.ones(400, 6)] * 3)
    none = {each.metric: each.value for each in measure_information(one, seed=0)}
    assert [none[metric] for metric in INFORMATION_BY] == [0, 0, 0]


def test_codes_that_are_not_finite_share_nothing_that_can_be_told() -> None:
    broken = HeldOutCodes(*[torch.full((400, 6), math.nan)] * 3)
    assert all(math.isnan(each.value) for each in measure_information(broken, seed=0))


def test_partners_and_classes_are_retrieved() -> None:
    labels = np.repeat(np.arange(4), 100)
    of_items = torch.eye(4)[labels]
    found = {
        each.metric: each.value
        for each in measure_retrieval(HeldOutCodes(X, X, 2 * X), of_items, labels)
    }
    assert found["partner_recall_at_1_x_to_y"] == found["class_map_at_r"] == 1


def test_terms_are_those_of_the_loss_and_none_before_a_queue_is_full() -> None:
    trained, batch = model(), Pairs(CODES.x, CODES.y)
    codes = HeldOutCodes.by(trained, batch)
    found = {each.metric: each.value for each in measure_terms(find_loss("jmi"), trained, batch)}
    terms = find_loss("jmi").terms(LossInputs(codes.x, codes.y))
    assert found["joint_term"] == pytest.approx(float(terms.joint.value), abs=1e-5)
    assert found["marginal_term"] == pytest.approx(float(terms.marginal.value), abs=1e-5)
    from infomax.training.code_queue import CodeQueue  # noqa: PLC0415

    trained.queue = CodeQueue(10, 4)
    assert measure_terms(find_loss("moco"), trained, batch) == []


class ValueOfFactor(Loss):
    """Minus the Donsker-Varadhan value of a factor, which agrees with itself."""

    name = "value"
    nearest_bound = "donsker-varadhan"

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return both halves."""
        scores = SHARPNESSES[2] * (standardised(inputs.x) @ standardised(inputs.y).mT)
        matrix = score_matrix_of(scores, at_least=2)
        joint, marginal = -matrix.joint_mean(), matrix.log_partition()
        return LossTerms(Term(joint.unsqueeze(-1)), Term(marginal.unsqueeze(-1)))


def gradients(trained: PairModel, loss: Loss) -> dict[str, float]:
    batch = Pairs(CODES.x[:64], CODES.y[:64])
    measured = measure_gradients(trained, loss, batch, temperature=0.5)
    return {each.metric: each.value for each in measured}


def test_a_loss_agrees_with_itself_and_less_with_other_factors() -> None:
    found = gradients(model(), ValueOfFactor())
    same = found[agreement_metric(SHARPNESSES[2])]
    assert same == pytest.approx(1, abs=1e-9)
    assert all(found[agreement_metric(t)] <= same + 1e-9 for t in SHARPNESSES)


def test_barlow_twins_agrees_at_small_factors() -> None:
    found = gradients(model(), find_loss("barlow-twins"))
    assert found[agreement_metric(SHARPNESSES[0])] > found[agreement_metric(SHARPNESSES[-1])]


def test_a_stop_gradient_changes_nothing_with_one_encoder() -> None:
    assert gradients(model(), find_loss("jmi"))["identity_error"] < 1e-12
    assert "identity_error" not in gradients(model(shared=False), find_loss("jmi"))


def test_a_predictor_that_is_none_supplies_no_gradient() -> None:
    trained = model(predictor=True)
    # What is identity adds nothing, so there is no direction to compare.
    trained.x_predictor = trained.y_predictor = nn.Identity()
    assert math.isnan(gradients(trained, find_loss("simsiam"))["marginal_agreement"])


def test_the_part_of_a_predictor_is_the_difference_of_two_gradients() -> None:
    trained = model(predictor=True)
    weight = torch.randn(4, 4, generator=DRAW)
    predictor = nn.Linear(4, 4, bias=False)
    predictor.weight.data = weight
    trained.x_predictor = trained.y_predictor = predictor
    found = gradients(trained, find_loss("simsiam"))["marginal_agreement"]
    weights = [*trained.x_encoder.parameters(), *trained.x_head.parameters()]

    def slope(value: torch.Tensor) -> torch.Tensor:
        found = torch.autograd.grad(value, weights, retain_graph=True)
        return torch.cat([each.flatten() for each in found]).double()

    x, y = (trained.x_head(trained.x_encoder(each[:64])) for each in (CODES.x, CODES.y))
    cosine = nn.functional.cosine_similarity
    with_it = -cosine(x @ weight.T, y.detach()).mean() - cosine(y @ weight.T, x.detach()).mean()
    without = -cosine(x, y.detach()).mean() - cosine(y, x.detach()).mean()
    unit = nn.functional.normalize
    apart = ~torch.eye(64, dtype=torch.bool)
    marginal = sum(
        ((unit(one) @ unit(other.detach()).T / 0.5)[apart]).exp().mean().log()
        for one, other in ((x, y), (y, x))
    )
    supplied, wanted = slope(with_it) - slope(without), slope(marginal)  # type: ignore[arg-type]
    assert found == pytest.approx(float(cosine(supplied, wanted, dim=0)), abs=1e-4)
