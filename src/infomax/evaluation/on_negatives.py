"""What a bound read in training on negatives of its own, and what it is then not."""

from dataclasses import dataclass, replace

from torch import Tensor

from infomax.evaluation.history import Evaluation
from infomax.records import Measurement
from infomax.training import Negatives
from infomax.warnings import AnchorsWithoutNegativesWarning, NoBoundWarning, TrainingWarning

__all__ = ["ReadOnNegatives", "read_on_negatives"]


@dataclass(frozen=True)
class ReadOnNegatives:
    """What was read of updates on negatives that evaluations do not take.

    Attributes:
        measurements: the estimate, and how many negatives there were.
        warnings: reasons to read the values with care.
    """

    measurements: tuple[Measurement, ...]
    warnings: tuple[TrainingWarning, ...]

    def added_to(self, found: Evaluation) -> Evaluation:
        """Return an evaluation that holds this in the place of a bound on training pairs."""
        others = tuple(each for each in found.measurements if each[:2] != ("train", "bound"))
        return replace(
            found,
            measurements=(*self.measurements, *others),
            warnings=(*found.warnings, *self.warnings),
        )


def read_on_negatives(negatives: Negatives, estimates: Tensor, counted: Tensor) -> ReadOnNegatives:
    """Return what updates read on negatives of their own.

    Args:
        negatives: how they are drawn.
        estimates: of each update since the last evaluation, in nats: ``(updates,)``.
        counted: mean number of negatives, and share of anchors without any, of each update:
            ``(updates, 2)``; no rows where every other pair of the batch is one.

    Example:
        >>> import torch
        >>> from infomax.training import find_negatives
        >>> read = read_on_negatives(find_negatives("hard"), torch.ones(2), torch.zeros(2, 2))
        >>> [each.metric for each in read.measurements]
        ['estimate_on_negatives', 'negatives_of_anchor', 'anchors_without_negatives']
        >>> [type(each).__name__ for each in read.warnings]
        ['NoBoundWarning']
    """
    warned: list[TrainingWarning] = []
    if not negatives.keeps_bound:
        warned.append(
            NoBoundWarning(
                f"the estimate of training is on {negatives.name} negatives, and is no bound on "
                f"the information: {negatives.reads}; the bound on held-out pairs is on every "
                "other pair of a batch"
            )
        )
    values = {"estimate_on_negatives": estimates.mean()} if len(estimates) else {}
    if len(counted):
        mean, without = counted.mean(dim=0)
        values |= {"negatives_of_anchor": mean, "anchors_without_negatives": without}
        if without > 0:
            warned.append(
                AnchorsWithoutNegativesWarning(
                    f"{float(without):.1%} of the anchors had no negatives ({negatives.name}), and "
                    "were told from nothing"
                )
            )
    measured = (Measurement("train", name, float(value)) for name, value in values.items())
    return ReadOnNegatives(tuple(measured), tuple(warned))
