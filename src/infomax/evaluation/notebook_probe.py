"""The linear evaluation of the paper's companion notebook, kept as it was."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler
from torch import Tensor

__all__ = ["fit_notebook_probe", "notebook_probe_accuracy"]


def fit_notebook_probe(
    train_codes: Tensor, train_labels: NDArray[np.int64], *, seed: int
) -> Pipeline:
    """Return the notebook's probe, fitted; see ``notebook_probe_accuracy``.

    Args:
        train_codes: ``(n, d)``.
        train_labels: ``(n,)``.
        seed: order in which SAGA visits the codes.

    Example:
        >>> import torch
        >>> codes, labels = torch.tensor([[-1.0, 1.0], [1.0, 1.0]]).repeat(9, 1), np.arange(18) % 2
        >>> fit_notebook_probe(codes, labels, seed=0).predict(codes[:2].numpy()).tolist()
        [0, 1]
    """
    probe = make_pipeline(
        MinMaxScaler(), LogisticRegression(C=10.0, solver="saga", tol=0.1, random_state=seed)
    )
    with warnings.catch_warnings():
        # At its tolerance of 0.1 it never claims to have converged closely.
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(train_codes.numpy(), train_labels)
    return probe


def notebook_probe_accuracy(
    train_codes: Tensor,
    train_labels: NDArray[np.int64],
    test_codes: Tensor,
    test_labels: NDArray[np.int64],
    *,
    seed: int,
) -> float:
    """Return the test accuracy of the notebook's probe.

    Min-max scaling fitted on train, then multinomial logistic regression with C = 10 by SAGA with
    tolerance 0.1. It stops after a few passes, so it varies by about 0.4 % with the seed; and the
    scaling blows columns that hardly vary up to full range, so it can be fooled by scale. It stands
    beside ``fit_probe`` to reproduce the paper, not to be believed alone.

    Source: companion notebook of Tschannen et al. (2020).

    Args:
        train_codes: ``(n, d)``.
        train_labels: ``(n,)``.
        test_codes: ``(m, d)``.
        test_labels: ``(m,)``.
        seed: order in which SAGA visits the codes.
    """
    probe = fit_notebook_probe(train_codes, train_labels, seed=seed)
    return float(probe.score(test_codes.numpy(), test_labels))
