"""Training of a model on anyone's pairs, by the trainer that trains all."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.utils.data import DataLoader

from infomax.bounds import Bound
from infomax.errors import UserError
from infomax.evaluation import Evaluation, EvaluationHistory, Evaluator
from infomax.evaluation.on_negatives import read_on_negatives
from infomax.experiments.build import build_objective
from infomax.experiments.config import DEFAULT_STEPS
from infomax.experiments.pair_datasets import PairsLike
from infomax.experiments.training_pairs import TrainingPairs, Validation, check_counts
from infomax.processes import Processes
from infomax.records import Measurement
from infomax.training import (
    BatchPlan,
    BestWeights,
    Callback,
    CheckpointFolder,
    Checkpointing,
    EarlyStopping,
    LossNotFiniteError,
    Negatives,
    NoProgress,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    Progress,
    ProgressReporter,
    RandomState,
    ScheduledEvaluation,
    TimeLimit,
    Trainer,
    checked_seed,
    generator_for,
    seeded_globally,
)
from infomax.training.pair_model import learns
from infomax.warnings import EvaluationModeWarning

__all__ = ["Trained", "train"]

_EVALUATIONS = 20


@dataclass(frozen=True, eq=False)
class Trained:
    """Encoders, trained, and how it went.

    Attributes:
        model: encoders, heads and critic, on the device that they were given on, in evaluation
            mode. Call ``train()`` on what is to be trained further: each module is trained in the
            mode that it has.
        history: what was measured, in long form: step, split, metric, value; bounds in nats.
        steps: updates made in all.
        ending: why training ended.
        weights_step: update that the weights are of: that of the evaluation with the highest bound
            on validation pairs (under a target, the bound nearest to it), or the first where none
            is finite; the last update without such pairs.
        validation_bound: bound of these weights on validation pairs, in nats; NaN without such
            pairs. As the best of all evaluations it is a little high: read it on pairs that chose
            nothing.
        random_state: the seed that the training was drawn from: given again, it gives the same.
        compile_seconds: seconds that compiling the update took; ``None`` if it was not compiled.
    """

    model: PairModel
    history: pd.DataFrame
    steps: int
    ending: str
    weights_step: int
    validation_bound: float
    random_state: int
    compile_seconds: float | None = None


def train(
    pairs: PairsLike | DataLoader[Any] | TrainingPairs,
    model: PairModel,
    objective: Objective | Bound | str = "infonce",
    *,
    optimizer: OptimizerConfig | None = None,
    compile: bool = False,
    steps: int = DEFAULT_STEPS,
    batch_size: int = 128,
    plan: BatchPlan | None = None,
    validation: Validation = None,
    groups: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    evaluate_every: int | None = None,
    jacobian_images: int | None = None,
    negatives: Negatives | str = "in-batch",
    patience: int | None = None,
    time_limit: float | None = None,
    random_state: RandomState = 0,
    checkpoints: CheckpointFolder | None = None,
    progress: Progress | None = None,
    callbacks: Sequence[Callback] = (),
) -> Trained:
    r"""Train a model in place to maximise a bound on the information of pairs.

    .. math:: \max_{g_1, g_2, f} I_{\text{bound}}\bigl(f(g_1(x_i), g_2(y_j))\bigr)

    Source: Tschannen et al. (2020), equation 2. Weights are those that the modules bring, and end
    as those of the evaluation with the highest bound on validation pairs. Each part is trained in
    the mode that it has, and parameters that require no gradient stay as they are: a frozen
    backbone in ``eval()`` is afterwards what it was, to the bit.

    Args:
        pairs: two arrays ``(N, ...)``, a map-style data set of pairs, or a DataLoader, whose
            batches are taken as they come. Both may give ``(x, y)``, ``((x, y), label)`` or a
            dictionary with two tensors; labels are not trained on. ``TrainingPairs`` are split
            already; what this says of batches, plan and validation is theirs.
        model: ``PairModel(x_encoder, y_encoder, critic)``; the same encoder twice where both views
            share one. Encoders take views ``(N, ...)`` to codes ``(N, d)``.
        objective: what to maximise: an objective, a bound, or a bound's name. ``Objective(bound,
            loss=find_loss("nt-xent"))`` minimises a loss of codes, and reads it by the bound.
        optimizer: how weights are updated; Adam at 1e-3 without more.
        compile: compile the update, which takes some seconds at the first one and pays in long
            trainings; needs a C++ compiler, and a warning says where it cannot be done.
        steps: updates.
        batch_size: pairs in a batch; a DataLoader has its own.
        plan: how each batch is worked through: shared by processes, scored in tiles, encoded in
            parts. Loss, gradients and estimates are those of the whole batch.
        validation: the share of the pairs that is kept for validation, a split that was made
            before, or other pairs, also as a DataLoader; 0 keeps none, ``None`` a tenth and at
            least two batches. Of a DataLoader no part is kept.
        groups: one for each pair: pairs of a group are all trained on or all kept.
        labels: one for each pair, for the probes' accuracy; only a loss that needs them is trained
            on them.
        evaluate_every: updates between two evaluations; a twentieth of all without.
        jacobian_images: images of which the encoder's Jacobian, and with it its condition number,
            is taken at each evaluation, whatever that costs; 0 takes none, ``None`` 8, or as many
            as cost a few seconds.
        negatives: how negatives are drawn, a name of ``NEGATIVES`` or a way of drawing them; every
            other pair of a batch without. Evaluations take every other pair, whatever it is.
        patience: evaluations without a new best bound on validation pairs after which to stop;
            ``None`` goes on to the last update.
        time_limit: seconds after which to stop.
        random_state: seed of the order of pairs, and of whatever draws from the global generators
            of PyTorch, NumPy and Python, items of a data set included; a NumPy ``RandomState``
            draws one, and ``None`` takes another every time.
        checkpoints: folder that checkpoints are written to, and resumed from if it holds one.
        progress: is told how far it is.
        callbacks: called while the model is trained, e.g. loggers; of several processes, on all.

    Raises:
        UserError: if pairs, modules and settings do not fit each other.
        LossNotFiniteError: if the loss was not a number or infinite.

    Example:
        >>> import torch
        >>> from infomax.critics import BilinearCritic
        >>> from infomax.encoders import MLPEncoder
        >>> generator = torch.Generator().manual_seed(0)
        >>> x = torch.randn(300, 2, generator=generator)
        >>> encoders = [MLPEncoder((2,), generator, layer_sizes=(16, 4)) for _ in "xy"]
        >>> model = PairModel(*encoders, BilinearCritic(4, 4, generator))
        >>> settings = {"optimizer": OptimizerConfig(1e-2), "steps": 300, "batch_size": 10}
        >>> trained = train((x, x.exp()), model, **settings)
        >>> trained.steps, trained.ending, trained.validation_bound > 0.5
        (300, 'all updates are made', True)
    """
    check_counts(steps=steps, evaluate_every=evaluate_every, patience=patience)
    seed = checked_seed(random_state)
    if not isinstance(model, PairModel):
        raise UserError(
            f"the model is a {type(model).__name__}: give PairModel(x_encoder, y_encoder, critic)"
        )
    device, objective = model.device, build_objective(objective)
    plan = pairs.plan if isinstance(pairs, TrainingPairs) else plan or BatchPlan()
    # Whoever's modules draw from the global generators do so from the same state every time.
    with seeded_globally(_global_seed(seed, plan.processes.rank), device):
        if not isinstance(pairs, TrainingPairs):
            pairs = TrainingPairs(
                pairs,
                validation,
                groups=groups,
                labels=labels,
                batch_size=batch_size,
                seed=seed,
                device=device,
                plan=plan,
                jacobian_images=jacobian_images,
                negatives=negatives,
            )
        if objective.loss is not None:
            pairs.complete(model, objective.loss, steps=steps)
        pairs.check(model, objective)
        for encoder, name in {model.y_encoder: "y", model.x_encoder: "x"}.items():
            _warn_of_evaluation_mode(name, encoder)
        training = PairTraining(
            [model],
            pairs.batches(),
            objective,
            optimizer=optimizer or OptimizerConfig(1e-3),
            plan=plan,
            compile=compile,
            labels=pairs.labels_of(objective),
            negatives=pairs.negatives,
        )
        # One evaluates for all: the others are told what it found.
        evaluator = pairs.evaluator if plan.processes.is_first else None
        best = None
        if plan.processes.broadcast(evaluator is not None and evaluator.validates):
            best = BestWeights(
                lambda found: [found.validation_bound],
                target=objective.target,
                saved=(lambda: None) if checkpoints is None else checkpoints.best,
            )
        history = EvaluationHistory()
        every = evaluate_every or max(steps // _EVALUATIONS, 1)
        trainer = Trainer(
            steps,
            [
                ProgressReporter(progress or NoProgress()),
                ScheduledEvaluation(
                    _evaluate_by(evaluator, training, objective, history, plan.processes),
                    {*range(0, steps, every), steps},
                    seed=seed,
                ),
                history,
                *_stopping(best, patience, time_limit),
                *callbacks,
                *([] if checkpoints is None else [Checkpointing(checkpoints, best)]),
            ],
            processes=plan.processes,
        )
        trainer.fit(training)
    if trainer.failures:
        failure = trainer.failures[0]
        kept = "; checkpoints before it are kept" if checkpoints and failure.step else ""
        raise LossNotFiniteError(f"{failure.advice}{kept}")
    weights_step = trainer.step
    if best is not None and best.weights_steps:
        (weights_step,) = best.weights_steps
    model.eval()
    return Trained(
        model=model,
        history=history.table,
        steps=trainer.step,
        ending=trainer.ending,
        weights_step=weights_step,
        validation_bound=math.nan if best is None else best.value_at(weights_step),
        random_state=seed,
        compile_seconds=training.compile_seconds,
    )


def _evaluate_by(
    evaluator: Evaluator | None,
    training: PairTraining[PairModel],
    objective: Objective,
    history: EvaluationHistory,
    processes: Processes,
) -> Callable[[int, Sequence[int]], Evaluation]:
    """Return what evaluates the model that is trained, on all processes alike."""
    (model,) = training.modules
    negatives = training.negatives

    def evaluate(step: int, _indices: Sequence[int]) -> Evaluation:
        since = slice(history.last_step, None)
        estimates = training.training_curve()[since, 0]
        on_negatives = None
        if not negatives.as_evaluated:
            counted = training.negatives_curve()[since, 0]
            on_negatives = read_on_negatives(negatives, estimates, counted)
            # It is no bound on training pairs, to be set beside that on others.
            estimates = estimates[:0]
        if evaluator is None:
            # All there is to say without pairs to evaluate on.
            value = float(estimates.mean()) if len(estimates) else math.nan
            found = Evaluation(step, (Measurement("train", "bound", value),), math.nan, ())
        else:
            found = evaluator.evaluate(
                model, objective.bound, step=step, estimates=estimates, loss=objective.loss
            )
        return processes.broadcast(found if on_negatives is None else on_negatives.added_to(found))

    return evaluate


def _stopping(
    best: BestWeights | None, patience: int | None, time_limit: float | None
) -> list[Callback]:
    """Return the callbacks that know the best weights, and those that end the training early."""
    callbacks: list[Callback] = [] if best is None else [best]
    if patience is not None:
        if best is None:
            raise UserError("patience waits for the bound on validation pairs, and there are none")
        callbacks.append(EarlyStopping(best, patience, watched="the bound on validation pairs"))
    if time_limit is not None:
        callbacks.append(TimeLimit(time_limit))
    return callbacks


def _global_seed(seed: int, rank: int) -> int:
    """Return the seed of PyTorch's own generator: what modules draw differs between processes."""
    return seed if rank == 0 else generator_for(seed, f"process {rank}").initial_seed()


def _warn_of_evaluation_mode(name: str, encoder: nn.Module) -> None:
    """Warn of what is to be trained and is in evaluation mode as a whole: rarely what is meant."""
    depends_on_mode = any(isinstance(each, (_BatchNorm, _DropoutNd)) for each in encoder.modules())
    if depends_on_mode and not encoder.training and learns(encoder):
        warnings.warn(
            EvaluationModeWarning(
                f"the encoder of {name} ({type(encoder).__name__}) is in evaluation mode, as a "
                "training leaves it, and is trained in it: batch norms keep their statistics, "
                "dropout does nothing; call its train() before if that is not meant"
            ),
            stacklevel=3,
        )
