"""Probes beside the linear one at its minimum: a hidden layer, a head that stops early, few labels.

Each takes codes and labels to fit on and codes to name, and returns what it names them.
"""

import math
import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor

from infomax.evaluation import fit_probe
from infomax.training import generator_for

__all__ = ["by_few_labels", "by_head", "by_hidden_layer"]

_HIDDEN = 64
_HIDDEN_BATCH = 64
_HIDDEN_RATE = 3e-3
_HIDDEN_PATIENCE = 10
_HIDDEN_PASSES = 200
_VALIDATION_SHARE = 0.1
_FEWEST_HELD_OUT = 10
_HEAD_BATCH = 256
_HEAD_RATE = 0.1
_FEW_SHARE = 0.01
_FEWEST_OF_CLASS = 2
_ONE_PENALTY = (1e-2,)


def by_hidden_layer(
    train_codes: Tensor, train_labels: NDArray[np.int64], codes: Tensor, *, seed: int
) -> NDArray[np.int64]:
    """Name codes by a network of one hidden layer of 64 units on standardised columns.

    It is trained by Adam and stopped where a tenth of the training codes is named no better for 10
    passes; where codes are fewer than 100, or classes too many or too small to be split, after at
    most 200 passes.

    Args:
        train_codes: ``(n, d)``.
        train_labels: ``(n,)``.
        codes: ``(m, d)``.
        seed: of weights, batches and the tenth.

    Example:
        >>> codes = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]).repeat(50, 1)
        >>> by_hidden_layer(codes, np.array([0, 1, 1, 0] * 50), codes[:4], seed=0).tolist()
        [0, 1, 1, 0]
    """
    _, sizes = np.unique(train_labels, return_counts=True)
    tenth = _VALIDATION_SHARE * len(train_labels)
    splits = sizes.min() > 1 and max(_FEWEST_HELD_OUT, len(sizes)) <= tenth
    network = MLPClassifier(
        (_HIDDEN,),
        batch_size=min(_HIDDEN_BATCH, len(train_labels) // 2),
        max_iter=_HIDDEN_PASSES,
        early_stopping=bool(splits),
        validation_fraction=_VALIDATION_SHARE,
        learning_rate_init=_HIDDEN_RATE,
        n_iter_no_change=_HIDDEN_PATIENCE,
        random_state=seed,
    )
    # Products of a batch are small: threads of their own would spin between them.
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe = make_pipeline(StandardScaler(), network).fit(train_codes.numpy(), train_labels)
    found: NDArray[np.int64] = probe.predict(codes.numpy())
    return found


def by_head(
    train_codes: Tensor,
    train_labels: NDArray[np.int64],
    codes: Tensor,
    *,
    updates: int,
    standardised: bool,
    seed: int,
) -> NDArray[np.int64]:
    """Name codes by a linear layer that is trained by so many updates, as protocols train it.

    It is multinomial logistic regression by gradient descent with momentum of 0.9, learning rate
    0.1, batches of 256 and weights that are drawn: what it names depends on all of these until it
    has converged.

    Args:
        train_codes: ``(n, d)``.
        train_labels: ``(n,)``.
        codes: ``(m, d)``.
        updates: at least as many; no pass over the training codes is broken off.
        standardised: whether each column is first brought to mean 0 and variance 1.
        seed: of weights and batches.

    Example:
        >>> codes, labels = torch.tensor([[-1.0], [1.0]]).repeat(99, 1), np.arange(198) % 2
        >>> by_head(codes, labels, codes[:2], updates=20, standardised=True, seed=0).tolist()
        [0, 1]
    """
    passes = math.ceil(updates / math.ceil(len(train_labels) / _HEAD_BATCH))
    head = MLPClassifier(
        (),
        solver="sgd",
        alpha=0,
        batch_size=min(_HEAD_BATCH, len(train_labels)),
        learning_rate_init=_HEAD_RATE,
        momentum=0.9,
        max_iter=passes,
        # It goes on to the last pass, whatever its loss does.
        tol=0,
        n_iter_no_change=passes,
        random_state=seed,
    )
    probe = make_pipeline(StandardScaler(), head) if standardised else head
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        # Whether it has converged is what is asked.
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(train_codes.numpy(), train_labels)
        found: NDArray[np.int64] = probe.predict(codes.numpy())
    return found


def by_few_labels(
    train_codes: Tensor, train_labels: NDArray[np.int64], codes: Tensor, *, seed: int
) -> tuple[int, NDArray[np.int64]]:
    """Name codes by the linear probe of 1 % of the labels of each class, and of at least two.

    Args:
        train_codes: ``(n, d)``.
        train_labels: ``(n,)``.
        codes: ``(m, d)``.
        seed: of the draw.

    Returns:
        How many labels it was fitted on, and ``(m,)``.

    Example:
        >>> codes, labels = torch.tensor([[-1.0], [1.0]]).repeat(99, 1), np.arange(198) % 2
        >>> size, found = by_few_labels(codes, labels, codes[:2], seed=0)
        >>> size, found.tolist()
        (4, [0, 1])
    """
    order = torch.randperm(len(train_labels), generator=generator_for(seed, "few labels")).numpy()
    drawn = []
    for label in np.unique(train_labels):
        rows = order[train_labels[order] == label]
        drawn.append(rows[: max(_FEWEST_OF_CLASS, math.ceil(_FEW_SHARE * len(rows)))])
    few = np.concatenate(drawn)
    # So few labels cannot be split to choose a penalty by.
    probe = fit_probe(train_codes[few], train_labels[few], seed=seed, penalties=_ONE_PENALTY)
    return len(few), probe.predict(codes).numpy()
