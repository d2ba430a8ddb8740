"""InfoNCE with an anchor class: one more answer, that none of the candidates is the partner.

InfoNCE asks which of K candidates is the partner, which a critic can tell as well with any function
of x added to its scores: it never learns how large a density ratio is. Where none may be the
partner the ratio itself has to be learnt, and its mean log is then the information.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.bounds.bound import Bound
from infomax.errors import UserError
from infomax.score_matrix import Scores, check_score_matrix, score_matrix_of

__all__ = ["InfoNCEAnchor"]


@dataclass(frozen=True)
class InfoNCEAnchor(Bound):
    r"""InfoNCE with an anchor class: trained to tell whether any candidate is the partner.

    With K candidates and ratios :math:`r = e^{s}`, what training maximises is

    .. math:: \frac{K}{K + \nu} E \log \frac{r_1}{\nu + \sum_{j=1}^K r_j}
              + \frac{\nu}{K + \nu} E \log \frac{\nu}{\nu + \sum_{j=1}^K r_j}

    where in the first mean candidate 1 is the partner, and in the second none is. It is the
    log-likelihood of which answer is right, so that for every nu the best scores are the log
    density ratio itself, without a constant. The estimate is the plug-in one, the mean score of
    pairs, which is then the information:

    .. math:: I = E \, s_{ii}

    It is no bound: scores that are too high read too high. It is consistent where the critic is.

    In a batch K is N - 1. An anchor that has its partner among its candidates leaves out the
    negative that follows it in the batch, so that both means are over sets of K.

    Source: arXiv 2510.25983 (2025), "InfoNCE-anchor"; nu is 1 there.

    Args:
        nu: weight of the answer that none is the partner, against 1 for each candidate. At 0 it
            would be InfoNCE, which leaves a function of x undetermined.

    Raises:
        UserError: if nu is not above 0.

    Example:
        >>> bound = InfoNCEAnchor()
        >>> scores = torch.zeros(4, 4)
        >>> bound.estimate(scores).item(), round(-bound.objective(scores).item(), 4)  # log 4
        (0.0, 1.3863)
    """

    name = "infonce-anchor"
    kind = "neither"
    label = "InfoNCE with an anchor"
    nu: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.nu < math.inf:
            raise UserError(f"nu of InfoNCE with an anchor is {self.nu}: give a number above 0")

    def estimate(self, scores: Scores) -> Tensor:
        """Plug-in estimate, in nats, of a critic that learnt when no candidate is the partner.

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One estimate in nats for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        return score_matrix_of(scores, at_least=2).joint_mean()

    def objective(self, scores: Tensor) -> Tensor:
        """Return the log-likelihood of the right answers, to be maximised.

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One value, of at most 0, for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        size = check_score_matrix(scores, at_least=2)
        log_nu, candidates = math.log(self.nu), size - 1
        own = torch.eye(size, dtype=torch.bool, device=scores.device)
        with_partner = _log_sums(scores, own.roll(1, dims=1), log_nu)
        without = _log_sums(scores, own, log_nu)
        partner_told = scores.diagonal(dim1=-2, dim2=-1) - with_partner
        none_told = log_nu - without
        weighed = candidates * partner_told + self.nu * none_told
        return weighed.mean(dim=-1) / (candidates + self.nu)


def _log_sums(scores: Tensor, left_out: Tensor, log_nu: float) -> Tensor:
    """Return log(nu + sum of r) of the candidates of each row: ``(..., N)``."""
    log_sums = scores.masked_fill(left_out, -math.inf).logsumexp(dim=-1)
    return torch.logaddexp(log_sums, torch.full_like(log_sums, log_nu))
