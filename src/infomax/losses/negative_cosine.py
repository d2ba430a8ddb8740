"""The loss of BYOL and SimSiam: minus the cosine of a prediction with its partner's code."""

from dataclasses import dataclass, replace

from torch import Tensor

from infomax.critics import unit_length
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_parts import Need
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs, no_marginal

__all__ = ["Byol", "SimSiam", "negative_cosine"]


def negative_cosine(prediction: Tensor, target: Tensor, *, stop_gradient: bool = True) -> LossTerms:
    r"""Minus the cosine of each prediction with its target.

    .. math:: L = -\frac{1}{N} \sum_i \cos(q(z_i), \operatorname{sg} z'_i)

    It is a joint term and no marginal term: alone, it is least where all codes are one. What keeps
    them apart is that targets get no gradient and that a predictor stands before one side only.
    BYOL's own loss, the squared distance of unit vectors, is 2 more than twice this.

    Source: Chen and He (2021), equation 1; Grill et al. (2020), equation 2.

    Args:
        prediction: what the predictor makes of codes, ``(..., N, d)``.
        target: codes of their partners.
        stop_gradient: whether they get no gradient.

    Returns:
        Terms with one element for each pair.

    Raises:
        UserError: if the shapes differ.

    Example:
        >>> import torch
        >>> negative_cosine(torch.eye(2), torch.tensor([[5.0, 0.0], [5.0, 0.0]])).total.item()
        -0.5
    """
    check_codes_of_pairs(prediction, target, at_least=1)
    target = target.detach() if stop_gradient else target
    joint = -(unit_length(prediction) * unit_length(target)).sum(dim=-1)
    return LossTerms(joint=Term(joint), marginal=no_marginal(joint))


def _both_ways(
    prediction: tuple[Tensor, Tensor],
    target: tuple[Tensor, Tensor],
    *,
    stop_gradient: bool = True,
) -> LossTerms:
    """Return the mean of the loss of x's prediction with y's target and the other way round."""
    ways = [
        negative_cosine(prediction[side], target[1 - side], stop_gradient=stop_gradient)
        for side in (0, 1)
    ]
    joint = (ways[0].joint.each + ways[1].joint.each) / 2
    return LossTerms(joint=Term(joint), marginal=no_marginal(joint))


@dataclass(frozen=True)
class Byol(Loss):
    """BYOL: minus the cosine of predictions with codes of an averaged target network.

    The mean of both ways round, x predicting y's target and y predicting x's.

    Args:
        predictor: whether codes are predicted from; without, they are compared as they are, and
            nothing but the average keeps them from collapsing.
    """

    name = "byol"
    nearest_bound = "donsker-varadhan"
    default_parts = replace(Loss.default_parts, target_schedule="cosine")
    instead_of_marginal = "a predictor, and a target that is a moving average"
    predictor: bool = True

    @property
    def needs(self) -> tuple[Need, ...]:
        """A target, and a predictor unless it is left out."""
        return ("predictor", "target") if self.predictor else ("target",)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the mean of the terms of ``negative_cosine`` both ways round."""
        told = self.needed("predictor", inputs) if self.predictor else (inputs.x, inputs.y)
        return _both_ways(told, self.needed("target", inputs))


@dataclass(frozen=True)
class SimSiam(Loss):
    """SimSiam: minus the cosine of predictions with the other view's codes, held still.

    The mean of both ways round; the target is the network itself, without gradient. Without
    predictor and without stop-gradient it is the joint term alone, which is least where all codes
    are one.

    Args:
        predictor: whether codes are predicted from, or compared as they are.
        stop_gradient: whether codes that are compared with get no gradient.
    """

    name = "simsiam"
    nearest_bound = "donsker-varadhan"
    instead_of_marginal = "a predictor, and codes of the other view without gradient"
    predictor: bool = True
    stop_gradient: bool = True

    @property
    def needs(self) -> tuple[Need, ...]:
        """A predictor, unless it is left out."""
        return ("predictor",) if self.predictor else ()

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the mean of the terms of ``negative_cosine`` both ways round."""
        codes = (inputs.x, inputs.y)
        told = self.needed("predictor", inputs) if self.predictor else codes
        return _both_ways(told, codes, stop_gradient=self.stop_gradient)
