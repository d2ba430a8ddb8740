"""Training: an objective, one loop, seeds handed down, and progress that can be watched."""

from infomax.training.loop import NonFiniteLossError, train
from infomax.training.objective import Objective
from infomax.training.pair_model import PairModel
from infomax.training.pairs import Pairs
from infomax.training.progress import NoProgress, Progress, TrainingProgress
from infomax.training.seeds import generator_for

__all__ = [
    "NoProgress",
    "NonFiniteLossError",
    "Objective",
    "PairModel",
    "Pairs",
    "Progress",
    "TrainingProgress",
    "generator_for",
    "train",
]
