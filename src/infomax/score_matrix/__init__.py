"""The scores of all pairs of a batch, and what bounds ask of them, however they are held.

``scores[..., i, j] = f(x_i, y_j)``: rows are x (the anchors), columns are y. A score matrix may be
held whole, as rows on several processes, resampled by the counts of many bootstraps, with some
pairs chosen as negatives and others left out, or not at all: made from codes a few rows at a time.
"""

from infomax.score_matrix.chosen_scores import ChosenScores, NegativesCount
from infomax.score_matrix.debiased_scores import DebiasedScores
from infomax.score_matrix.dense_scores import DenseScores, score_matrix_of
from infomax.score_matrix.resampled_scores import ResampledScores
from infomax.score_matrix.score_matrix import (
    ScoreMatrix,
    Scores,
    check_one_for_each_anchor,
    check_score_matrix,
)
from infomax.score_matrix.tiled_scores import TiledScores

__all__ = [
    "ChosenScores",
    "DebiasedScores",
    "DenseScores",
    "NegativesCount",
    "ResampledScores",
    "ScoreMatrix",
    "Scores",
    "TiledScores",
    "check_one_for_each_anchor",
    "check_score_matrix",
    "score_matrix_of",
]
