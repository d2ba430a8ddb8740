"""Training: objectives, one loop, seeds handed down and side by side, and checkpoints."""

from infomax.training.adversarial_training import AdversarialTraining, BlindedClassifier
from infomax.training.batches import (
    Batches,
    NoisyBatches,
    SampledBatches,
    SeparateBatches,
    ShuffledBatches,
    State,
)
from infomax.training.checkpoint import read_checkpoint, write_checkpoint
from infomax.training.device import choose_device
from infomax.training.early_stopping import Course, train_until_settled
from infomax.training.environment import describe_environment
from infomax.training.loop import Failure, train_in_blocks
from infomax.training.objective import Objective
from infomax.training.optimisation import Optimisation
from infomax.training.pair_model import PairModel
from infomax.training.pair_training import PairTraining, restore_model
from infomax.training.pairs import Pairs
from infomax.training.placed_batches import PlacedBatches
from infomax.training.progress import NoProgress, Progress, TrainingProgress
from infomax.training.seeds import generator_for
from infomax.training.side_by_side import SideBySide
from infomax.training.training import Training, Update

__all__ = [
    "AdversarialTraining",
    "Batches",
    "BlindedClassifier",
    "Course",
    "Failure",
    "NoProgress",
    "NoisyBatches",
    "Objective",
    "Optimisation",
    "PairModel",
    "PairTraining",
    "Pairs",
    "PlacedBatches",
    "Progress",
    "SampledBatches",
    "SeparateBatches",
    "ShuffledBatches",
    "SideBySide",
    "State",
    "Training",
    "TrainingProgress",
    "Update",
    "choose_device",
    "describe_environment",
    "generator_for",
    "read_checkpoint",
    "restore_model",
    "train_in_blocks",
    "train_until_settled",
    "write_checkpoint",
]
