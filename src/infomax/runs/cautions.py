"""Reasons to read a training with care, each a type of warning that can be caught by itself."""

__all__ = [
    "CodesCollapsedWarning",
    "LeftOutWarning",
    "NearCeilingWarning",
    "NothingHeldOutWarning",
    "PartingWarning",
    "TrainingWarning",
]


class TrainingWarning(UserWarning):
    """The training goes on, and there is a reason to read what it gives with care."""


class NearCeilingWarning(TrainingWarning):
    """InfoNCE cannot exceed log K for batches of K pairs, and it is close to that."""


class CodesCollapsedWarning(TrainingWarning):
    """Codes of different views are nearly the same, or lie on a line."""


class PartingWarning(TrainingWarning):
    """The bound on training pairs has left the one on validation pairs behind."""


class NothingHeldOutWarning(TrainingWarning):
    """There are no validation pairs, so no bound is held out and no weights are the best."""


class LeftOutWarning(TrainingWarning):
    """Data hold more than two views, such as labels, which is not used."""
