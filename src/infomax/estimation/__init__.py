"""Mutual information from samples: an estimate, how sure it is, and what speaks against it."""

from infomax.estimation.estimate import estimate_mi
from infomax.estimation.lags import draw_lags, information_by_lag, lag_answer
from infomax.estimation.matrix.all_pairs import information_matrix
from infomax.estimation.matrix.result import InformationMatrix
from infomax.estimation.methods import METHODS
from infomax.estimation.ranking import rank_columns
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.scikit_learn import MutualInformation, mutual_information_scores
from infomax.estimation.selection import InformationSelection
from infomax.estimation.transfer import transfer_answer, transfer_both_ways, transfer_entropy

__all__ = [
    "METHODS",
    "InformationMatrix",
    "InformationSelection",
    "Interval",
    "MIResult",
    "MutualInformation",
    "draw_lags",
    "estimate_mi",
    "information_by_lag",
    "information_matrix",
    "lag_answer",
    "mutual_information_scores",
    "rank_columns",
    "transfer_answer",
    "transfer_both_ways",
    "transfer_entropy",
]
