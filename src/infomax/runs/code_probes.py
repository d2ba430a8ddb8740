"""How well classes can be told from the codes of a run, beside what they are made of."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.data import Items, RowSplit, split_rows
from infomax.data.fingerprint import fingerprints_of
from infomax.errors import UserError
from infomax.evaluation import ClassProbes, check_probed_labels, encode, probe_classes
from infomax.runs.parts import parts_of
from infomax.runs.trained_run import TrainedRun

__all__ = ["CodeProbe", "CodeProbes", "probe_codes"]

_HELD_OUT = 0.2


class CodeProbe(NamedTuple):
    """How well classes can be told from something.

    Attributes:
        of: what was probed.
        found: accuracies on rows that the probes were not fitted on.
    """

    of: str
    found: ClassProbes


class CodeProbes(NamedTuple):
    """How well classes can be told from codes and what they are made of, and on which rows.

    Attributes:
        probes: of codes, codes of the untrained encoder, and the view.
        split: the rows that probes were fitted on, and those held out.
        as_trained: whether the encoder was trained without the rows held out: otherwise they were
            chosen anew, and the encoder may know them.
    """

    probes: list[CodeProbe]
    split: RowSplit
    as_trained: bool


def probe_codes(run: TrainedRun, items: Items) -> CodeProbes:
    """Probe the codes, those of the untrained encoder, and the view itself.

    Data that the run was trained on are split as they were then; others are split anew, a fifth
    held out, groups kept whole. Nothing is tuned on held-out rows.

    Args:
        run: whose codes.
        items: with labels.

    Raises:
        UserError: if there are no labels, or fewer than two classes have two rows to fit on.
    """
    if items.labels is None:
        raise UserError(
            f"{items.x.name} has no labels, which a probe needs: name their column or file (labels)"
        )
    split = run.split_of(fingerprints_of(items))
    as_trained = split is not None and len(split.validation) > 0
    if split is None or not as_trained:
        seed = run.settings.seed
        split = split_rows(len(items), groups=items.groups, share=_HELD_OUT, seed=seed)
    check_probed_labels(items.labels[split.train])
    views = [some.cpu() for some in run.clean_views(items.x)]
    untrained = run.encoder_of(parts_of(run.settings, run.x_shape, run.y_shape).model).eval()
    features = {
        "codes": torch.cat([encode(run.encoder, some) for some in views]),
        "codes of the untrained encoder": torch.cat([encode(untrained, some) for some in views]),
        f"view {run.view} itself": torch.cat(views).flatten(1),
    }
    probes = [
        CodeProbe(of, _probed(values, items.labels, split, run.settings.seed))
        for of, values in features.items()
    ]
    return CodeProbes(probes, split, as_trained)


def _probed(features: Tensor, labels: NDArray[np.int64], split: RowSplit, seed: int) -> ClassProbes:
    train, held_out = (
        (features[torch.from_numpy(rows)], labels[rows]) for rows in (split.train, split.validation)
    )
    return probe_classes(*train, *held_out, seed=seed)
