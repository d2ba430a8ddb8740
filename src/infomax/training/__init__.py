"""Training: objectives, one loop, seeds handed down and side by side, and checkpoints."""

from infomax.training.adversarial_training import AdversarialTraining, BlindedClassifier
from infomax.training.batch_plan import BatchPlan
from infomax.training.batches import (
    Batches,
    NoisyBatches,
    SampledBatches,
    SeparateBatches,
    ShuffledBatches,
    State,
    order_without_repeats,
)
from infomax.training.callbacks import (
    BestWeights,
    Checkpointing,
    CheckpointStore,
    EarlyStopping,
    ProgressReporter,
    ScheduledEvaluation,
    TimeLimit,
)
from infomax.training.checkpoint import (
    Checkpoint,
    CheckpointFolder,
    read_checkpoint,
    write_checkpoint,
)
from infomax.training.connection import Connection, connected
from infomax.training.device import choose_device
from infomax.training.environment import describe_environment
from infomax.training.evaluation_mode import evaluation_mode
from infomax.training.objective import Objective
from infomax.training.optimisation import Optimisation
from infomax.training.pair_dataset import PairDataset, WhichView
from infomax.training.pair_model import PairModel
from infomax.training.pair_training import PairTraining, restore_model
from infomax.training.pairs import Pairs
from infomax.training.placed_batches import PlacedBatches
from infomax.training.progress import NoProgress, Progress, StagedProgress
from infomax.training.seeds import generator_for, seeded_globally
from infomax.training.shared_batch import check_plan
from infomax.training.side_by_side import SideBySide
from infomax.training.trainer import Callback, Failure, LossNotFiniteError, Trainer
from infomax.training.training import Training, Update
from infomax.training.unshared_scores import unshared_scores

__all__ = [
    "AdversarialTraining",
    "BatchPlan",
    "Batches",
    "BestWeights",
    "BlindedClassifier",
    "Callback",
    "Checkpoint",
    "CheckpointFolder",
    "CheckpointStore",
    "Checkpointing",
    "Connection",
    "EarlyStopping",
    "Failure",
    "LossNotFiniteError",
    "NoProgress",
    "NoisyBatches",
    "Objective",
    "Optimisation",
    "PairDataset",
    "PairModel",
    "PairTraining",
    "Pairs",
    "PlacedBatches",
    "Progress",
    "ProgressReporter",
    "SampledBatches",
    "ScheduledEvaluation",
    "SeparateBatches",
    "ShuffledBatches",
    "SideBySide",
    "StagedProgress",
    "State",
    "TimeLimit",
    "Trainer",
    "Training",
    "Update",
    "WhichView",
    "check_plan",
    "choose_device",
    "connected",
    "describe_environment",
    "evaluation_mode",
    "generator_for",
    "order_without_repeats",
    "read_checkpoint",
    "restore_model",
    "seeded_globally",
    "unshared_scores",
    "write_checkpoint",
]
