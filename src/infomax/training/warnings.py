"""Reasons to read a training with care, each a type of warning that can be caught by itself."""

__all__ = [
    "BelowChanceWarning",
    "CodesCollapsedWarning",
    "EvaluationModeWarning",
    "JacobianSkippedWarning",
    "LeftOutWarning",
    "NearCeilingWarning",
    "NothingHeldOutWarning",
    "NothingLearntWarning",
    "PartingWarning",
    "RepeatedItemsWarning",
    "TrainingWarning",
]


class TrainingWarning(UserWarning):
    """The training goes on, and there is a reason to read what it gives with care."""


class NearCeilingWarning(TrainingWarning):
    """The bound is close to the most that it can read with this batch size or temperature."""


class CodesCollapsedWarning(TrainingWarning):
    """Codes of different views are nearly the same, lie on a line, or are not finite."""


class PartingWarning(TrainingWarning):
    """The bound on training pairs has left the one on validation pairs behind."""


class NothingHeldOutWarning(TrainingWarning):
    """There are no validation pairs, so no bound is held out and no weights are the best."""


class LeftOutWarning(TrainingWarning):
    """Data hold more than two views, such as labels, which is not used."""


class NothingLearntWarning(TrainingWarning):
    """After many updates the bound is still what a critic reads that knows nothing."""


class BelowChanceWarning(TrainingWarning):
    """The bound is far below the 0 that scores which are all alike would give."""


class RepeatedItemsWarning(TrainingWarning):
    """Items come several times in a batch, where no critic can tell them apart."""


class JacobianSkippedWarning(TrainingWarning):
    """The spectrum of the encoder's Jacobians is taken of fewer images than usual, or of none."""


class EvaluationModeWarning(TrainingWarning):
    """An encoder that is to be trained is in evaluation mode as a whole."""
