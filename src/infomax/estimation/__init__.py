"""Mutual information from samples: an estimate, how sure it is, and what speaks against it."""

from infomax.estimation.estimate import estimate_mi
from infomax.estimation.methods import METHODS
from infomax.estimation.progress import EstimationProgress
from infomax.estimation.ranking import rank_columns
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.scikit_learn import MutualInformation, mutual_information_scores
from infomax.warnings import (
    AssumptionWarning,
    CapWarning,
    ConstantColumnWarning,
    ContinuousColumnWarning,
    DependentRowsWarning,
    DiscreteColumnWarning,
    DuplicateColumnWarning,
    EstimationWarning,
    FewPermutationsWarning,
    FewSamplesWarning,
    GapWarning,
    HeavyTailWarning,
    SaturationWarning,
    StillIncreasingWarning,
)

__all__ = [
    "METHODS",
    "AssumptionWarning",
    "CapWarning",
    "ConstantColumnWarning",
    "ContinuousColumnWarning",
    "DependentRowsWarning",
    "DiscreteColumnWarning",
    "DuplicateColumnWarning",
    "EstimationProgress",
    "EstimationWarning",
    "FewPermutationsWarning",
    "FewSamplesWarning",
    "GapWarning",
    "HeavyTailWarning",
    "Interval",
    "MIResult",
    "MutualInformation",
    "SaturationWarning",
    "StillIncreasingWarning",
    "estimate_mi",
    "mutual_information_scores",
    "rank_columns",
]
