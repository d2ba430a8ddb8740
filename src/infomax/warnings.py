"""Every kind of warning, each a type that can be caught or ignored by itself."""

__all__ = [
    "AnchorsWithoutNegativesWarning",
    "AssumptionWarning",
    "BelowChanceWarning",
    "CapWarning",
    "CodesCollapsedWarning",
    "ConstantColumnWarning",
    "ContinuousColumnWarning",
    "DamagedCheckpointWarning",
    "DataWarning",
    "DefaultPartsWarning",
    "DependentRowsWarning",
    "DeterminedColumnWarning",
    "DiscreteColumnWarning",
    "DuplicateColumnWarning",
    "EstimationWarning",
    "EvaluationModeWarning",
    "FewPermutationsWarning",
    "FewSamplesWarning",
    "GapWarning",
    "GraphWarning",
    "HeavyTailWarning",
    "IdenticalViewsWarning",
    "ImpossibleLossWarning",
    "InfomaxWarning",
    "JacobianSkippedWarning",
    "LeftOutWarning",
    "NearCeilingWarning",
    "NoBoundWarning",
    "NotCompiledWarning",
    "NothingHeldOutWarning",
    "NothingLearntWarning",
    "OwnEncodersWarning",
    "PartingWarning",
    "RepeatedItemsWarning",
    "SaturationWarning",
    "StillIncreasingWarning",
    "TableWarning",
    "TrainingWarning",
    "UnevenTimeWarning",
    "UnfinishedRunWarning",
]


class InfomaxWarning(UserWarning):
    """Something was done as asked, and there is a reason to read what came of it with care."""


class DataWarning(InfomaxWarning):
    """Data were read, but not all of them, or not as they are in their files."""


class GraphWarning(DataWarning):
    """A graph holds self-loops, nodes without edges, directed edges or classes of one node."""


class TableWarning(InfomaxWarning):
    """A table was read in a way that its file does not settle."""


class EstimationWarning(InfomaxWarning):
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


class DeterminedColumnWarning(EstimationWarning):
    """A column is known from the condition: once that is given, it has nothing left to share."""


class DiscreteColumnWarning(EstimationWarning):
    """A column of few whole numbers was taken as discrete without being declared so."""


class ContinuousColumnWarning(EstimationWarning):
    """Whole numbers that repeat much were taken as points on a scale without being declared so."""


class DependentRowsWarning(EstimationWarning):
    """Rows resemble their neighbours or repeat each other: they are no independent draws."""


class UnevenTimeWarning(EstimationWarning):
    """Rows in time have gaps, times that repeat, or steps that differ."""


class FewSamplesWarning(EstimationWarning):
    """There are fewer rows than so many columns need."""


class SampleSizeWarning(EstimationWarning):
    """The estimate still rises with the number of pairs: more of them would read more."""


class FewPermutationsWarning(EstimationWarning):
    """No p-value of so few permutations is small enough for so many columns."""


class SaturationWarning(EstimationWarning):
    """One side determines the other as far as the rows show: no estimate can say how strongly."""


class AssumptionWarning(EstimationWarning):
    """The data contradict what the chosen method assumes."""


class TrainingWarning(InfomaxWarning):
    """The training goes on, and there is a reason to read what it gives with care."""


class NearCeilingWarning(TrainingWarning):
    """The bound is close to the most that it can read with this batch size or temperature."""


class NoBoundWarning(TrainingWarning):
    """The estimate of training is on negatives with which it is no bound on the information."""


class AnchorsWithoutNegativesWarning(TrainingWarning):
    """Some anchors had no negatives in their batch, and were told from nothing."""


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


class IdenticalViewsWarning(TrainingWarning):
    """Both views of every pair have the same code: they are the same view."""


class ImpossibleLossWarning(TrainingWarning):
    """A logged loss is none that its formula can give with these settings."""


class RepeatedItemsWarning(TrainingWarning):
    """Items come several times in a batch, where no critic can tell them apart."""


class JacobianSkippedWarning(TrainingWarning):
    """The spectrum of the encoder's Jacobians is taken of fewer images than usual, or of none."""


class EvaluationModeWarning(TrainingWarning):
    """An encoder that is to be trained is in evaluation mode as a whole."""


class DefaultPartsWarning(TrainingWarning):
    """A model lacked what its loss needs, such as a predictor, and was given it."""


class OwnEncodersWarning(TrainingWarning):
    """A loss compares predictions, and a bound reads codes of encoders that share no space."""


class NotCompiledWarning(TrainingWarning):
    """The update was to be compiled, and is computed as it is."""


class DamagedCheckpointWarning(TrainingWarning):
    """A checkpoint is not what was written, and another one is taken."""


class UnfinishedRunWarning(TrainingWarning):
    """A run was read that has not ended: its weights are those that it has kept so far."""
