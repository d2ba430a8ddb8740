"""How far the gradients of losses agree with those of the Donsker-Varadhan value."""

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from infomax.losses import Loss, LossInputs, jmi, negative_cosine, sdmi
from infomax.losses.cross_moments import standardised
from infomax.records import Measurement
from infomax.score_matrix import score_matrix_of
from infomax.studies.loss_measurements import HeldOutCodes
from infomax.training import PairModel, Pairs

__all__ = ["SHARPNESSES", "agreement_metric", "measure_gradients"]

SHARPNESSES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Factors t of the inner product of standardised codes, whose Donsker-Varadhan value is read."""

_PAIRS_OF_IDENTITY = 64


def agreement_metric(t: float) -> str:
    """Return the metric of how far a loss agrees with the value of a factor.

    Example:
        >>> agreement_metric(0.01)
        'dv_agreement_at_0.01'
    """
    return f"dv_agreement_at_{t:g}"


@torch.enable_grad()
def measure_gradients(
    model: PairModel, loss: Loss, batch: Pairs, *, temperature: float
) -> list[Measurement]:
    r"""Measure what the loss's nature allows to, on one batch of held-out pairs.

    - ``dv_agreement_at_t``, of losses of two codes alone: the cosine between the gradient of minus
      the loss, by codes, and that of the Donsker-Varadhan value of :math:`T = t\, a^\top b`, with a
      and b the standardised codes.
    - ``marginal_agreement``, of losses with a predictor q: the cosine, by the weights of encoder
      and head, between (gradient with q) - (gradient without it) and the gradient of the marginal
      term :math:`M = \log \overline{e^{\cos / \tau}}` of pairs apart, which a predictor is said to
      supply. Norms over the batch are as in training.
    - ``identity_error``, where one encoder is for both views: the largest difference between the
      gradient of JMI and twice that of SDMI, as a share of the largest value, in float64.

    Source: Sabby, Sui, Wu, Cresswell and Wu (2025), section 3.

    Args:
        model: that is trained; it is left as it is.
        loss: that it is trained on.
        batch: pairs of views that are not trained on.
        temperature: tau.
    """
    measured: list[Measurement] = []
    if not loss.needs:
        measured += _agreement_with_value(HeldOutCodes.by(model, batch), loss)
    measured += _agreement_with_marginal(model, batch, temperature)
    if model.x_encoder is model.y_encoder:
        error = _identity_error(model, batch, temperature)
        measured.append(Measurement("test", "identity_error", error))
    return measured


def _agreement_with_value(codes: HeldOutCodes, loss: Loss) -> list[Measurement]:
    x, y = (each.double().requires_grad_() for each in (codes.x, codes.y))
    # A loss that moves one side at a time has no gradient by the other.
    of_loss = torch.autograd.grad(-loss(LossInputs(x, y)), (x, y), materialize_grads=True)
    measured = []
    for t in SHARPNESSES:
        matrix = score_matrix_of(t * (standardised(x) @ standardised(y).mT), at_least=2)
        value = matrix.joint_mean() - matrix.log_partition()
        agreement = _cosine(of_loss, torch.autograd.grad(value, (x, y)))
        measured.append(Measurement("test", agreement_metric(t), agreement))
    return measured


def _agreement_with_marginal(
    model: PairModel, batch: Pairs, temperature: float
) -> list[Measurement]:
    # In training, batch norms keep statistics: a copy's.
    trial = copy.deepcopy(model).train()
    if trial.x_predictor is None or trial.y_predictor is None:
        return []
    weights = _weights(trial)
    x, y = trial.x_head(trial.x_encoder(batch.x)), trial.y_head(trial.y_encoder(batch.y))
    told = x.detach(), y.detach()
    if trial.target is not None:
        told = trial.target(batch.x, batch.y)
    predicted = trial.x_predictor(x), trial.y_predictor(y)
    ways = ((x, predicted[0], told[1]), (y, predicted[1], told[0]))
    both_ways = (
        [negative_cosine(predicted, still).total for _, predicted, still in ways],
        [negative_cosine(codes, still).total for codes, _, still in ways],
        [jmi(codes, still, temperature=temperature).marginal.value for codes, _, still in ways],
    )
    gradients = [
        torch.autograd.grad(torch.stack(each).sum(), weights, retain_graph=True)
        for each in both_ways
    ]
    supplied = [one - other for one, other in zip(*gradients[:2], strict=True)]
    return [Measurement("test", "marginal_agreement", _cosine(supplied, gradients[2]))]


def _identity_error(model: PairModel, batch: Pairs, temperature: float) -> float:
    trial = copy.deepcopy(model).double().eval()
    weights = _weights(trial)
    some_x, some_y = (each[:_PAIRS_OF_IDENTITY].double() for each in (batch.x, batch.y))
    x, y = trial.x_head(trial.x_encoder(some_x)), trial.y_head(trial.y_encoder(some_y))
    joint = torch.autograd.grad(
        jmi(x, y, temperature=temperature).total, weights, retain_graph=True
    )
    held = torch.autograd.grad(sdmi(x, y, temperature=temperature).total, weights)
    apart = max(
        float((one - 2 * other).abs().max()) for one, other in zip(joint, held, strict=True)
    )
    largest = max(float(each.abs().max()) for each in joint)
    return apart / largest if largest else math.nan


def _weights(model: PairModel) -> list[Tensor]:
    trained = nn.ModuleList([model.x_encoder, model.y_encoder, model.x_head, model.y_head])
    return [each for each in trained.parameters() if each.requires_grad]


def _cosine(one: Sequence[Tensor], other: Sequence[Tensor]) -> float:
    first, second = (torch.cat([each.flatten() for each in side]).double() for side in (one, other))
    lengths = float(first.norm() * second.norm())
    return float(first @ second) / lengths if lengths else math.nan
