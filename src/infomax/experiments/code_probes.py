"""How well classes can be told from the codes of a run, beside what they are made of."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.data import ItemDataset, RowSplit, split_rows
from infomax.data.split import fingerprints_of
from infomax.errors import UserError, advice
from infomax.evaluation import (
    AccuracyDifference,
    ClassProbes,
    accuracy_difference,
    check_probed_labels,
    encode,
    probe_classes,
)
from infomax.experiments.build import build_model
from infomax.experiments.trained_run import TrainedRun
from infomax.training import NoProgress, StagedProgress

__all__ = [
    "CodeComparison",
    "CodeProbe",
    "CodeProbes",
    "Stage",
    "probe_codes",
    "stages_of_probes",
]

_HELD_OUT = 0.2
_CODES, _OF_UNTRAINED = "codes", "codes of the untrained encoder"
_READING, _ENCODING, _PROBING = "reading", "encoding", "probing"
# Seconds for each row and, but for encoding, each of its values, where they were measured.
_SECONDS = {_READING: 1e-8, _ENCODING: 5e-5, _PROBING: 8e-7}
_USUAL_CODE = 64
_BATCH = 1_000


class Stage(NamedTuple):
    """A stage of the probes, and what it is expected to cost.

    Attributes:
        kind: what it does: stages of one kind cost as expected by the same factor.
        steps: number of its steps.
        step_cost: seconds that one step takes where that was measured.
    """

    kind: str
    steps: int
    step_cost: float


class CodeProbe(NamedTuple):
    """How well classes can be told from something.

    Attributes:
        of: what was probed.
        found: accuracies on rows that the probes were not fitted on.
    """

    of: str
    found: ClassProbes


class CodeComparison(NamedTuple):
    """By how much classes are told better from codes than from something else, on the same rows.

    Attributes:
        than: what the codes are compared with.
        linear: accuracy of the linear probe of the codes, less that of the other.
        neighbours: the same of the 20 nearest neighbours.
    """

    than: str
    linear: AccuracyDifference
    neighbours: AccuracyDifference

    @property
    def verdict(self) -> str:
        """What the linear probe says, in one sentence."""
        verdict, (of_all, _) = self.linear.verdict, self.linear.in_words()
        said = (
            f"tell classes {verdict} than"
            if verdict in {"better", "worse"}
            else "are not shown to tell classes better or worse than"
        )
        return f"The codes {said} {self.than}: {of_all}"


class CodeProbes(NamedTuple):
    """How well classes can be told from codes and what they are made of, and on which rows.

    Attributes:
        probes: accuracies from codes, codes of the untrained encoder, and the view.
        comparisons: differences of the codes to the view, and to codes of the untrained encoder.
        split: the rows that probes were fitted on, and those held out.
        as_trained: whether the encoder was trained without the rows held out: otherwise they were
            chosen anew, and the encoder may know them.
    """

    probes: list[CodeProbe]
    comparisons: list[CodeComparison]
    split: RowSplit
    as_trained: bool


def stages_of_probes(run: TrainedRun, rows: int) -> dict[str, Stage]:
    """Return the stages of the probes of so many rows, in their order, as progress names them."""
    of_view = math.prod(run.view_shape)
    view = f"view {run.view} itself"
    stages = {f"{_READING} {view}": Stage(_READING, rows, _SECONDS[_READING] * of_view)}
    for of in (_CODES, _OF_UNTRAINED):
        stages[f"{_ENCODING}: {of}"] = Stage(_ENCODING, rows, _SECONDS[_ENCODING])
    for of, values in ((_CODES, _USUAL_CODE), (_OF_UNTRAINED, _USUAL_CODE), (view, of_view)):
        stages[f"{_PROBING}: {of}"] = Stage(_PROBING, 1, _SECONDS[_PROBING] * rows * values)
    return stages


def probe_codes(
    run: TrainedRun, items: ItemDataset, *, progress: StagedProgress | None = None
) -> CodeProbes:
    """Probe the codes, those of the untrained encoder, and the view itself.

    Data that the run was trained on are split as they were then; others are split anew, a fifth
    held out, groups kept whole. Nothing is tuned on held-out rows.

    Args:
        run: run whose encoder makes the codes.
        items: items with labels.
        progress: is told how far it is, by ``stages_of_probes``.

    Raises:
        UserError: if there are no labels, or fewer than two classes have two rows to fit on.
    """
    if items.labels is None:
        raise UserError(
            f"{items.x.name} has no labels, which a probe needs: name their column or file "
            f"({advice('labels', '--labels')})"
        )
    split = run.split_of(fingerprints_of(items))
    as_trained = split is not None and len(split.validation) > 0
    if split is None or not as_trained:
        seed = run.config.seed
        split = split_rows(len(items), groups=items.groups, share=_HELD_OUT, random_state=seed)
    check_probed_labels(items.labels[split.train])
    progress, view = progress or NoProgress(), f"view {run.view} itself"

    def joined(doing: str, some_at_a_time: Iterable[Tensor]) -> Tensor:
        progress.start(doing, len(items))
        found, done = [], 0
        for some in some_at_a_time:
            found.append(some.cpu())
            done += len(some)
            progress.advance(done)
        return torch.cat(found)

    views = joined(f"{_READING} {view}", run.clean_views(items.x))
    untrained = run.encoder_of(build_model(run.config, (run.x_shape, run.y_shape))).eval()
    features = {
        of: joined(f"{_ENCODING}: {of}", (encode(encoder, some) for some in views.split(_BATCH)))
        for of, encoder in ((_CODES, run.encoder), (_OF_UNTRAINED, untrained))
    }
    probes = []
    for of, values in {**features, view: views.flatten(1)}.items():
        progress.start(f"{_PROBING}: {of}", 1)
        probes.append(CodeProbe(of, _probed(values, items.labels, split, run.config.seed)))
        progress.advance(1)
    codes, untrained_codes, raw = probes
    labels = items.labels[split.validation]
    comparisons = [_compared(codes, each, labels) for each in (raw, untrained_codes)]
    return CodeProbes(probes, comparisons, split, as_trained)


def _compared(codes: CodeProbe, other: CodeProbe, labels: NDArray[np.int64]) -> CodeComparison:
    mine, theirs = codes.found, other.found
    return CodeComparison(
        other.of,
        accuracy_difference(mine.linear_labels, theirs.linear_labels, labels),
        accuracy_difference(mine.neighbours_labels, theirs.neighbours_labels, labels),
    )


def _probed(features: Tensor, labels: NDArray[np.int64], split: RowSplit, seed: int) -> ClassProbes:
    train, held_out = (
        (features[torch.from_numpy(rows)], labels[rows]) for rows in (split.train, split.validation)
    )
    return probe_classes(*train, *held_out, seed=seed)
