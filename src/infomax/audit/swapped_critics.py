"""Several critics of the same frozen codes, simple ones and trained ones, and what they score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.simple_critic import SimpleKind, fit_simple_critic
from infomax.bounds import find_bound, infonce
from infomax.critics import BilinearCritic, CriticMaker, SeparableCritic
from infomax.estimation.copula.margins import fitted_scaling
from infomax.estimation.neural.critic import RefitCritic
from infomax.estimation.neural.fit import fit_neural
from infomax.estimation.split import Refit, Split
from infomax.information import PARTING_NATS
from infomax.training import NoProgress, generator_for

__all__ = ["MOST_HELD_OUT", "MOST_STEPS", "CriticScores", "ScoresOfCritics", "swapped_critics"]

MOST_HELD_OUT: Final = 1_024
"""Held-out pairs that critics are read on, and fitted ones by which their scores are normalised."""

MOST_STEPS: Final = 1_000
"""Updates of 128 pairs that a critic is trained for, at most."""

_PATIENCE = 2
_VALIDATED = 4
_TRAINED: Mapping[str, tuple[CriticMaker, str]] = {
    "bilinear": (BilinearCritic, "infonce"),
    "bilinear (JS)": (BilinearCritic, "jensen-shannon"),
    "separable": (SeparableCritic, "infonce"),
    "separable (JS)": (SeparableCritic, "jensen-shannon"),
}


@dataclass(frozen=True, eq=False)
class CriticScores:
    """What one critic scores.

    Attributes:
        name: of the critic.
        told: what it is, in words.
        scores: of held-out pairs, ``(K, K)``, each row less the log of its mean exponential over y
            of fitted pairs, so that scores are log density ratios as far as the critic knows.
        by_infonce: whether it was trained by InfoNCE, or chosen by it.
        learnt: whether what it reads is no matter of too few pairs to train it on: validation pairs
            rose by training, where there was any, and it does not read 0.3 nats more of the pairs
            that it was fitted on.
    """

    name: str
    told: str
    scores: Tensor = field(repr=False)
    by_infonce: bool = True
    learnt: bool = True


@dataclass(frozen=True, eq=False)
class ScoresOfCritics:
    """Scores of several critics of one batch of pairs.

    Attributes:
        of: by name of the critic, ``(K, K)`` each.
    """

    of: Mapping[str, Tensor]

    def among(self, pairs: Tensor) -> "ScoresOfCritics":
        """Return those of some of the pairs."""
        return ScoresOfCritics({name: each[pairs][:, pairs] for name, each in self.of.items()})


def swapped_critics(codes: AuditedCodes) -> list[CriticScores]:
    """Fit several critics on the fitted pairs, and score the held-out ones.

    Cosines and the density ratio of Gaussian codes are chosen as ``fit_simple_critic`` does; a
    bilinear critic and separable networks are trained by InfoNCE and by Jensen-Shannon on three
    quarters of the fitted pairs, columns standardised, until the other quarter says no more, for
    1,000 updates at most.

    Normalising a row by fitted pairs leaves InfoNCE as it is, which knows no such shifts, and lets
    bounds that do know them be compared: critics that InfoNCE trains have any.

    Args:
        codes: that are audited.
    """
    held_out, fitted = codes.held_out[:MOST_HELD_OUT], codes.fitted[:MOST_HELD_OUT]
    kinds: list[tuple[SimpleKind, str]] = [("cosine", "cosine"), ("gaussian", "Gaussian ratio")]
    critics = []
    for kind, name in kinds:
        if kind == "cosine" and codes.x.shape[1] != codes.y.shape[1]:
            continue
        simple = fit_simple_critic(codes, kind=kind)
        rows = np.concatenate([held_out, fitted])
        scores = simple(codes.x[rows], codes.y[rows]).float()
        count = len(held_out)
        critics.append(
            CriticScores(
                name,
                simple.told,
                _normalised(scores[:count], count),
                learnt=not _by_heart(scores[count:, count:], scores[:count, :count]),
            )
        )
    return critics + [_trained(name, codes, held_out, fitted) for name in _TRAINED]


def _trained(
    name: str,
    codes: AuditedCodes,
    held_out: NDArray[np.int64],
    fitted: NDArray[np.int64],
) -> CriticScores:
    make, bound = _TRAINED[name]
    rows = codes.fitted
    part = len(rows) // _VALIDATED
    refit = Refit(train=rows[part:], validation=rows[:part])
    # What is scored holds pairs that were fitted, whose y normalise and whose pairs tell of memory.
    order = np.concatenate([held_out, fitted])
    fit = fit_neural(
        codes.x.numpy(),
        codes.y.numpy(),
        Split((refit,), order, order),
        find_bound(bound),
        [partial(_standardised, make)],
        seed=codes.seed,
        progress=NoProgress(),
        patience=_PATIENCE,
        most_steps=MOST_STEPS,
    )
    count = len(held_out)
    # Rows that were validated on come first among those that were fitted.
    trained = slice(count + min(part, len(fitted) // 2), None)
    on_trained, on_held_out = fit.mean_scores[trained, trained], fit.mean_scores[:count, :count]
    return CriticScores(
        name,
        f"the {name.partition(' ')[0]} critic of infomax.critics, trained by {bound}",
        _normalised(fit.mean_scores[:count], count),
        # What InfoNCE reads is what such a critic was trained for: of both bounds it has a ceiling.
        by_infonce=find_bound(bound).capped,
        learnt=fit.borne_out[0] and not _by_heart(on_trained, on_held_out),
    )


def _by_heart(on_fitted: Tensor, on_held_out: Tensor) -> bool:
    """Tell whether InfoNCE of as many pairs is 0.3 nats more on those that were fitted."""
    size = min(len(on_fitted), len(on_held_out))
    read = [float(infonce(each[:size, :size])) for each in (on_fitted, on_held_out)]
    return read[0] - read[1] >= PARTING_NATS


def _standardised(
    make: CriticMaker,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    refits: Sequence[Refit],
    seed: int,
) -> list[RefitCritic]:
    critics = []
    for index, refit in enumerate(refits):
        of_x, of_y = (fitted_scaling("standard", side[refit.train])(side) for side in (x, y))
        generator = generator_for(seed, f"swapped critic of refit {index}")
        critic = make(of_x.shape[1], of_y.shape[1], generator)
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics


def _normalised(scores: Tensor, held_out: int) -> Tensor:
    """Return scores of held-out pairs, normalised by the columns that follow theirs."""
    others = scores[:, held_out:]
    partition = others.logsumexp(dim=1) - np.log(others.shape[1])
    normalised: Tensor = scores[:, :held_out] - partition[:, None]
    return normalised
