"""The linear probe: multinomial logistic regression on codes, solved to convergence."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold, train_test_split
from threadpoolctl import threadpool_limits
from torch import Tensor

from infomax.errors import UserError

__all__ = ["LinearProbe", "fit_probe"]

_PENALTIES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
_VALIDATION_SHARE = 1 / 6
_FOLDS = 6
_FEWEST_CLASSES = 2
_SMALLEST_RELATIVE_SPREAD = 1e-2
_PRECONDITIONER_RIDGE = 0.3
_TOLERANCE = 1e-4
_TOLERANCE_WHILE_CHOOSING = 1e-3
_ROWS_OF_BLOCK = 1_000


@dataclass(frozen=True, eq=False)
class LinearProbe:
    """A fitted linear classifier of codes.

    Attributes:
        weights: ``(d, classes)``, for codes as they are, unscaled, in float64.
        biases: ``(classes,)``, in float64.
        classes: label of each class, in ascending order: ``(classes,)``.
        penalty: the weight of the L2 term that was chosen.
        cross_entropy: mean over the training codes, in nats, without the penalty.
    """

    weights: Tensor
    biases: Tensor
    classes: Tensor
    penalty: float
    cross_entropy: float

    def predict(self, codes: Tensor) -> Tensor:
        """Return the likeliest label of each code: ``(n, d)`` -> ``(n,)``."""
        # Codes that differ little for their size need weights so large that float32 is too coarse.
        return self.classes[(codes.double() @ self.weights + self.biases).argmax(dim=1)]

    def accuracy(self, codes: Tensor, labels: NDArray[np.int64]) -> float:
        """Return the share of codes ``(n, d)`` whose likeliest class is their label."""
        return float((self.predict(codes) == torch.as_tensor(labels)).double().mean())


def fit_probe(
    codes: Tensor,
    labels: NDArray[np.int64],
    *,
    seed: int,
    penalties: tuple[float, ...] = _PENALTIES,
) -> LinearProbe:
    r"""Fit a multinomial logistic regression with an L2 penalty on all codes.

    .. math:: \min_{W, b} \frac{1}{n} \sum_i -\log \mathrm{softmax}(W^\top z_i + b)_{y_i}
              + \frac{\lambda}{2} \lVert W \rVert^2

    Every column is divided by its standard deviation, but by no less than 1 % of the largest one: a
    column that hardly varies stays small, so a tiny copy of something else added to a constant
    column does not become a feature. (Min-max scaling lets that gain over a percent of accuracy.)
    Columns of one value tell nothing: where all are, the commonest class is predicted.

    Of several penalties one is chosen by cross-entropy on a sixth of the training codes, a random
    stratified split, going from the strongest to the weakest while that improves; then all training
    codes are fitted. Where classes are many and small, it is one code of each that is held out, or
    as near to that as can be; a class of a single code is fitted and never held out.

    SciPy's L-BFGS stops when no component of the gradient of the mean objective, in coordinates in
    which the features are nearly white, exceeds 1e-4; on raw pixels and on codes the objective is
    then within 0.05 % of its minimum.

    Args:
        codes: ``(n, d)``.
        labels: ``(n,)``, whole numbers.
        seed: of the validation split.
        penalties: values of lambda to choose from, strongest first.

    Raises:
        UserError: if codes and labels differ in length, there is only one class, no class has two
            codes, or a code is not finite.

    Example:
        >>> codes = torch.tensor([[0.0], [1.0], [2.0], [3.0]]).repeat(6, 1)
        >>> probe = fit_probe(codes, np.array([0, 0, 1, 1] * 6), seed=0)
        >>> probe.predict(torch.tensor([[0.5], [2.5]])).tolist()
        [0, 1]
    """
    if len(codes) != len(labels):
        raise UserError(f"{len(codes)} codes but {len(labels)} labels: a probe needs one each")
    broken = int((~codes.isfinite().all(dim=1)).sum())
    if broken:
        raise UserError(
            f"{broken} of {len(codes)} codes hold values that are not finite: take an encoder from "
            "before its training failed"
        )
    present, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(present) < _FEWEST_CLASSES:
        raise UserError("the labels hold one class: a probe needs at least two")
    if sizes.max() == 1:
        raise UserError(
            f"each of {len(present)} classes has a single code: a probe needs classes of two, one "
            "to fit and one to choose its penalty"
        )
    # In float64: of equal values float32 does not find the mean, nor the squares of tiny ones.
    values = codes.detach().double()
    mean = values.mean(dim=0)
    spread = torch.where((values == values[:1]).all(dim=0), 0, values.std(dim=0))
    scale = spread.clamp(min=_SMALLEST_RELATIVE_SPREAD * float(spread.max()))
    scale = scale.where(scale > 0, torch.inf)
    standard = (values - mean) / scale
    # Of more columns than rows, weights are combinations of rows: the same problem in their span.
    wide = codes.shape[1] > len(codes)
    basis = torch.linalg.qr(standard.T).Q if wide else None
    scaled = (standard if basis is None else standard @ basis).float()
    classes = len(present)
    penalty, weights = penalties[0], torch.zeros(classes, scaled.shape[1] + 1, dtype=torch.float64)
    if len(penalties) > 1:
        penalty, weights = _choose_penalty(scaled, numbers, weights, penalties, seed=seed)
    problem = _Problem(scaled, numbers, classes)
    weights = problem.weights(problem.solve(penalty, problem.coordinates(weights), _TOLERANCE))
    of_columns = weights[:, :-1] if basis is None else weights[:, :-1] @ basis.T
    unscaled = of_columns / scale
    return LinearProbe(
        weights=unscaled.T.contiguous(),
        biases=weights[:, -1] - unscaled @ mean,
        classes=torch.as_tensor(present),
        penalty=penalty,
        cross_entropy=_cross_entropy(scaled, numbers, weights),
    )


def _choose_penalty(
    features: Tensor,
    labels: NDArray[np.int64],
    weights: Tensor,
    penalties: tuple[float, ...],
    *,
    seed: int,
) -> tuple[float, Tensor]:
    """Return the penalty that does best on held-out features, and what was fitted with it.

    Args:
        features: ``(n, d)``.
        labels: ``(n,)``.
        weights: to begin with, ``(classes, d + 1)``.
        penalties: to choose from, strongest first.
        seed: of the split.
    """
    fitted, validation = _split(labels, seed)
    held_out, held_out_labels = features[validation], labels[validation]
    problem = _Problem(features[fitted], labels[fitted], len(weights))
    solution = problem.coordinates(weights)
    chosen, lowest = (penalties[0], weights), np.inf
    for candidate in penalties:
        solution = problem.solve(candidate, solution, _TOLERANCE_WHILE_CHOOSING)
        fitted_weights = problem.weights(solution)
        cross_entropy = _cross_entropy(held_out, held_out_labels, fitted_weights)
        if cross_entropy >= lowest:
            break
        chosen, lowest = (candidate, fitted_weights), cross_entropy
    return chosen


def _split(labels: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that are fitted and those that a penalty is chosen by."""
    sizes = np.bincount(labels)
    several = sizes[labels] > 1
    rows = np.flatnonzero(several)
    classes, number = int((sizes > 1).sum()), math.ceil(_VALIDATION_SHARE * len(rows))
    if classes <= min(number, len(rows) - number):
        fitted, validation = train_test_split(
            rows, test_size=_VALIDATION_SHARE, random_state=seed, stratify=labels[rows]
        )
    else:
        # Folds need not hold every class, as the parts of a stratified split must.
        folds = StratifiedKFold(min(_FOLDS, int(sizes.max())), shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            # That classes are smaller than the number of folds is why folds are taken.
            warnings.filterwarnings("ignore", "The least populated class", UserWarning)
            first, second = next(iter(folds.split(rows, labels[rows])))
        fitted, validation = rows[first], rows[second]
    return np.concatenate([fitted, np.flatnonzero(~several)]), validation


def _cross_entropy(features: Tensor, labels: NDArray[np.int64], weights: Tensor) -> float:
    of_features, biases = weights[:, :-1].float(), weights[:, -1:].float()
    # Classes come first: a softmax over a short last axis takes many times longer.
    log_probabilities = (of_features @ features.T).add_(biases).log_softmax(dim=0)
    likelihoods = log_probabilities[torch.as_tensor(labels), torch.arange(len(labels))]
    return -float(likelihoods.double().mean())


class _Problem:
    r"""The objective on given features, in coordinates in which L-BFGS converges fast.

    Weights are ``(classes, d + 1)`` with the bias last. Solutions are the same in coordinates V
    with ``W = V P``, where ``P`` whitens the features: at W = 0 the curvature of the cross-entropy
    is their second moment / classes, and P is the inverse root of that, plus a ridge.

    The part of the labels in it is linear in the weights, so it is summed up once: with
    :math:`m_c = \frac{1}{n} \sum_{i: y_i = c} z_i`,

    .. math:: \frac{1}{n} \sum_i -\log \mathrm{softmax}(V z_i)_{y_i}
              = \frac{1}{n} \sum_i \log \sum_c e^{v_c^\top z_i} - \sum_c v_c^\top m_c
    """

    def __init__(self, features: Tensor, labels: NDArray[np.int64], classes: int) -> None:
        self._classes, self._number = classes, len(labels)
        moment = (features.T @ features).double() / len(features)
        values, vectors = torch.linalg.eigh(moment)
        # The ridge is large: once most codes are told apart, curvature is smaller than at W = 0.
        self._shrinkage = (values.clamp(min=0) / classes + _PRECONDITIONER_RIDGE).rsqrt()
        self._vectors = vectors
        white = features @ (vectors * self._shrinkage).float()
        # One product of a few classes with many rows is left to a single thread; a batch of
        # products is not. The last block is filled with rows of zeros, which add a constant to the
        # objective and nothing to its gradient.
        number_of_blocks = math.ceil(self._number / _ROWS_OF_BLOCK)
        in_blocks = (number_of_blocks, math.ceil(self._number / number_of_blocks))
        filled = white.new_zeros(math.prod(in_blocks), white.shape[1] + 1)
        filled[: self._number, :-1] = white
        filled[: self._number, -1] = 1
        self._blocks = filled.unflatten(0, in_blocks)
        of_classes = filled.new_zeros(len(filled), classes)
        of_classes[torch.arange(self._number), torch.as_tensor(labels)] = 1
        self._means = self._mean_product(of_classes.unflatten(0, in_blocks).mT)

    def weights(self, solution: NDArray[np.float64]) -> Tensor:
        """Return the weights at given coordinates."""
        inner = self._unflatten(solution)
        linear = (inner[:, :-1] * self._shrinkage) @ self._vectors.T
        return torch.cat([linear, inner[:, -1:]], dim=1)

    def coordinates(self, weights: Tensor) -> NDArray[np.float64]:
        """Return the coordinates of given weights."""
        linear = (weights[:, :-1] @ self._vectors) / self._shrinkage
        solution: NDArray[np.float64] = torch.cat([linear, weights[:, -1:]], dim=1).numpy().ravel()
        return solution

    def solve(
        self, penalty: float, start: NDArray[np.float64], tolerance: float
    ) -> NDArray[np.float64]:
        """Return the coordinates of the minimum, found from a start."""
        # Biases have no penalty.
        penalties = penalty * torch.cat([self._shrinkage.square(), torch.zeros(1)])

        def objective(solution: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            inner = self._unflatten(solution)
            scores = inner.float() @ self._blocks.mT
            log_partitions = scores.logsumexp(dim=1, keepdim=True)
            probabilities = scores.sub_(log_partitions).exp_()
            loss = log_partitions.double().sum() / self._number
            penalised = penalties * inner
            loss += (inner * (penalised / 2 - self._means)).sum()
            gradient = self._mean_product(probabilities) - self._means + penalised
            return float(loss), gradient.numpy().ravel()

        # SciPy's own threads have next to nothing to do here, but between calls they spin on the
        # cores that PyTorch's need: left to themselves they make this six times slower.
        with threadpool_limits(1, user_api="blas"):
            result = minimize(
                objective,
                start,
                jac=True,
                method="L-BFGS-B",
                # The second stop is for objectives so flat that float32 cannot tell the first.
                options={"gtol": tolerance, "ftol": 1e-9, "maxcor": 30, "maxiter": 2_000},
            )
        solution: NDArray[np.float64] = result.x
        return solution

    def _mean_product(self, of_rows: Tensor) -> Tensor:
        """Return the mean over rows of a value of each class times the row: ``(classes, d + 1)``.

        Args:
            of_rows: ``(blocks, classes, rows)``.
        """
        return torch.bmm(of_rows, self._blocks).double().sum(dim=0) / self._number

    def _unflatten(self, solution: NDArray[np.float64]) -> Tensor:
        return torch.as_tensor(solution).reshape(self._classes, -1)
