"""Whether trained critics still read more with the number of pairs that they are trained on."""

import dataclasses

import torch
from scipy import stats

from infomax.estimation.neural.beginnings import best_beginning
from infomax.estimation.neural.estimate import fit_bound, result_of_fit
from infomax.estimation.neural.fit import NeuralFit
from infomax.estimation.result import MIResult
from infomax.estimation.sample_size import SampleSizeCurve
from infomax.estimation.split import Refit
from infomax.estimation.task import EstimationTask
from infomax.warnings import SampleSizeWarning

__all__ = ["curve_of_critics", "result_with_curve"]

_PARTS = (4, 2)
_OF_EACH_SIZE = 2
_FEWEST_TRAINED_ON = 250


def curve_of_critics(fit: NeuralFit, task: EstimationTask) -> SampleSizeCurve | None:
    """Train critics on quarters and halves of the training pairs of the first refit.

    All are read by themselves from the same test pairs, those that are there already too: the mean
    critic of several reads more than one does, so the curve ends below the estimate. Two share no
    training pairs. They begin as the family that was chosen, and are trained as all are.

    Args:
        fit: critics of all training pairs.
        task: whose rows may be exchanged.

    Returns:
        The values against the number of training pairs. None where a quarter is fewer than 250,
        where rows are in time, whose halves are no draws, and where critics begin behind flows,
        which take too long to be trained thrice.
    """
    first = task.split.refits[0]
    whole = len(first.train)
    if (
        not task.rows.exchangeable
        or whole // max(_PARTS) < _FEWEST_TRAINED_ON
        or best_beginning(fit.beginnings).trained
    ):
        return None
    values, errors = [], []
    for parts in _PARTS:
        size = whole // parts
        refits = tuple(
            Refit(first.train[start : start + size], first.validation)
            for start in range(0, _OF_EACH_SIZE * size, size)
        )
        of_part = fit_bound(
            fit.bound.name,
            task,
            split=dataclasses.replace(task.split, refits=refits),
            like=fit,
        )
        each = fit.bound.estimate(of_part.test_scores)
        values.append(float(each.mean()))
        errors.append(each.var() / len(each))
    each = fit.bound.estimate(fit.test_scores)
    # Refits share most of their pairs: how they scatter is a little less than chance gives.
    errors.append(each.var() / len(each))
    return SampleSizeCurve(
        (whole // 4, whole // 2, whole),
        (*values, float(each.mean())),
        tuple(torch.stack(errors).sqrt().tolist()),
    )


def result_with_curve(fit: NeuralFit, task: EstimationTask, reason: str) -> MIResult:
    """Read critics, and warn where those of fewer pairs read so much less that more would tell.

    Args:
        fit: critics of all training pairs.
        task: the pairs and settings.
        reason: why by critics.
    """
    result = result_of_fit(fit, task, reason, beyond_cap=True)
    curve = curve_of_critics(fit, task)
    if curve is None:
        return result
    result = dataclasses.replace(result, curve=curve.as_table())
    below = result.raw_value - result.interval.low
    if not curve.still_rises(below / float(stats.norm.ppf(task.settings.confidence))):
        return result
    warning = SampleSizeWarning(
        f"a critic by itself still reads more with the number of training pairs ({curve.told()}): "
        "the information may be well above the bound; more rows would tell"
    )
    return dataclasses.replace(result, warnings=(*result.warnings, warning))
