"""Training: objectives, one loop, seeds handed down and side by side, and checkpoints."""

from infomax.training.adversarial_training import AdversarialTraining, BlindedClassifier
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
from infomax.training.code_losses import give_parts
from infomax.training.code_queue import CodeQueue
from infomax.training.environment import Connection, choose_device, connected, describe_environment
from infomax.training.negatives import NEGATIVES, Negatives, ScoredBatch, find_negatives
from infomax.training.optimizer import OptimizerConfig
from infomax.training.pair_dataset import IndexedBatches, PairDataset, Pairs, WhichView
from infomax.training.pair_model import Objective, PairModel
from infomax.training.pair_training import PairTraining, restore_model
from infomax.training.seeds import RandomState, checked_seed, generator_for, seeded_globally
from infomax.training.shared_batch import BatchPlan, check_plan, unshared_scores
from infomax.training.stacked_models import StackedModels
from infomax.training.target_network import TargetNetwork
from infomax.training.trainer import Callback, Failure, LossNotFiniteError, Trainer
from infomax.training.training import (
    NoProgress,
    Progress,
    StagedProgress,
    Training,
    Update,
    evaluation_mode,
)
from infomax.training.update_rules import OPTIMIZERS

__all__ = [
    "NEGATIVES",
    "OPTIMIZERS",
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
    "CodeQueue",
    "Connection",
    "EarlyStopping",
    "Failure",
    "IndexedBatches",
    "LossNotFiniteError",
    "Negatives",
    "NoProgress",
    "NoisyBatches",
    "Objective",
    "OptimizerConfig",
    "PairDataset",
    "PairModel",
    "PairTraining",
    "Pairs",
    "Progress",
    "ProgressReporter",
    "RandomState",
    "SampledBatches",
    "ScheduledEvaluation",
    "ScoredBatch",
    "SeparateBatches",
    "ShuffledBatches",
    "StackedModels",
    "StagedProgress",
    "State",
    "TargetNetwork",
    "TimeLimit",
    "Trainer",
    "Training",
    "Update",
    "WhichView",
    "check_plan",
    "checked_seed",
    "choose_device",
    "connected",
    "describe_environment",
    "evaluation_mode",
    "find_negatives",
    "generator_for",
    "give_parts",
    "order_without_repeats",
    "read_checkpoint",
    "restore_model",
    "seeded_globally",
    "unshared_scores",
    "write_checkpoint",
]
