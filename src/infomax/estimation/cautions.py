"""Reasons not to trust a number, each a type of warning that can be caught by itself."""

__all__ = [
    "AssumptionWarning",
    "CapWarning",
    "ConstantColumnWarning",
    "ContinuousColumnWarning",
    "DependentRowsWarning",
    "DiscreteColumnWarning",
    "DuplicateColumnWarning",
    "EstimationWarning",
    "FewPermutationsWarning",
    "FewSamplesWarning",
    "GapWarning",
    "HeavyTailWarning",
    "SaturationWarning",
    "StillIncreasingWarning",
]


class EstimationWarning(UserWarning):
    """The estimate stands, and there is a reason to read it with care."""


class CapWarning(EstimationWarning):
    """InfoNCE cannot exceed log K for K pairs, and the estimate is close to that."""


class StillIncreasingWarning(EstimationWarning):
    """Training ended at its last permitted step while the validation bound still rose."""


class GapWarning(EstimationWarning):
    """The critic knows the pairs it was trained on better than new ones: more pairs would help."""


class HeavyTailWarning(EstimationWarning):
    """A mean of exponentials rests on a few of its terms, so its spread is not to be trusted."""


class ConstantColumnWarning(EstimationWarning):
    """A column has one value: it shares no information with anything."""


class DuplicateColumnWarning(EstimationWarning):
    """A column orders the rows exactly as another does: it adds no information."""


class DiscreteColumnWarning(EstimationWarning):
    """A column of few whole numbers was taken as discrete without being declared so."""


class ContinuousColumnWarning(EstimationWarning):
    """Whole numbers that repeat much were taken as points on a scale without being declared so."""


class DependentRowsWarning(EstimationWarning):
    """Rows resemble their neighbours or repeat each other: they are no independent draws."""


class FewSamplesWarning(EstimationWarning):
    """There are fewer rows than so many columns need."""


class FewPermutationsWarning(EstimationWarning):
    """No p-value of so few permutations is small enough for so many columns."""


class SaturationWarning(EstimationWarning):
    """One side determines the other as far as the rows show: no estimate can say how strongly."""


class AssumptionWarning(EstimationWarning):
    """The data contradict what the chosen method assumes."""
