"""Codes that no training on pairs has made: of raw views, by chance, or of the codes themselves."""

import dataclasses
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.random_projection import GaussianRandomProjection
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.training import generator_for

__all__ = [
    "MOST_COLUMNS",
    "principal_components",
    "random_projection",
    "raw_columns",
    "shuffled_pairs",
    "standardised",
]

MOST_COLUMNS: Final = 256
"""Columns of raw views that probes and critics read; of more, as many principal components."""


def raw_columns(codes: AuditedCodes) -> AuditedCodes:
    """Return what the encoder saw as codes, flattened: all columns, or 256 principal components.

    Args:
        codes: that are audited, with raw views.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> images = np.random.default_rng(0).standard_normal((60, 4, 4))
        >>> codes = read_codes("mine", np.eye(60), np.eye(60), None, seed=0, raw=(images, images))
        >>> raw_columns(codes).x.shape, principal_components(codes).x.shape
        (torch.Size([60, 16]), torch.Size([60, 16]))
    """
    return _of_raw(
        codes,
        lambda raw, fitted, _, seed: (
            raw if raw.shape[1] <= MOST_COLUMNS else _components(raw, fitted, MOST_COLUMNS, seed)
        ),
    )


def principal_components(codes: AuditedCodes) -> AuditedCodes:
    """Return as many principal components of what the encoder saw as codes have columns.

    Of raw views with fewer columns, or fewer fitted rows, all that there are.

    Args:
        codes: that are audited, with raw views.
    """
    return _of_raw(codes, _components)


def random_projection(codes: AuditedCodes, draw: int) -> AuditedCodes:
    """Return as many random projections of what the encoder saw as codes have columns.

    Source: Johnson and Lindenstrauss (1984): distances stay about as they are.

    Args:
        codes: that are audited, with raw views.
        draw: which one, as it is drawn anew for each.
    """

    def project(
        raw: NDArray[np.float32], _: NDArray[np.int64], size: int, seed: int
    ) -> NDArray[np.float32]:
        projection = GaussianRandomProjection(min(size, raw.shape[1]), random_state=seed)
        projected: NDArray[np.float32] = projection.fit_transform(raw)
        return projected

    return _of_raw(codes, project, draw)


def shuffled_pairs(codes: AuditedCodes) -> AuditedCodes:
    """Return codes whose y are in another order, drawn within either half of the split.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> codes = read_codes("mine", np.eye(60), np.eye(60), None, seed=0)
        >>> shuffled = shuffled_pairs(codes)
        >>> torch.equal(shuffled.x, codes.x), torch.equal(shuffled.y, codes.y)
        (True, False)
    """
    y = codes.y.clone()
    for half, rows in (("fitted", codes.fitted), ("held out", codes.held_out)):
        generator = generator_for(codes.seed, f"shuffled pairs, {half}")
        y[rows] = codes.y[rows[torch.randperm(len(rows), generator=generator).numpy()]]
    return dataclasses.replace(codes, y=y)


def standardised(codes: AuditedCodes) -> AuditedCodes:
    """Return codes whose columns have mean 0 and variance 1 on fitted rows; constant ones are 0.

    Args:
        codes: that are audited.
    """

    def of_side(side: Tensor) -> Tensor:
        fitted = side[codes.fitted]
        spread = torch.where((fitted == fitted[:1]).all(dim=0), torch.inf, fitted.std(0))
        return (side - fitted.mean(0)) / spread.where(spread > 0, torch.inf)

    return dataclasses.replace(codes, x=of_side(codes.x), y=of_side(codes.y))


def _of_raw(
    codes: AuditedCodes,
    make: Callable[[NDArray[np.float32], NDArray[np.int64], int, int], NDArray[np.float32]],
    draw: int = 0,
) -> AuditedCodes:
    """Return codes of raw views: of each side, made of raw, fitted rows, codes' size and a seed."""
    if codes.raw is None:
        raise ValueError("there are no raw views")
    x, y = (
        torch.from_numpy(
            make(
                raw.flatten(1).numpy(), codes.fitted, side.shape[1], codes.seed + draw + 1_000 * of
            )
        ).double()
        for of, (raw, side) in enumerate(zip(codes.raw, (codes.x, codes.y), strict=True))
    )
    return dataclasses.replace(codes, x=x, y=y)


def _components(
    raw: NDArray[np.float32], fitted: NDArray[np.int64], size: int, seed: int
) -> NDArray[np.float32]:
    components = PCA(min(size, len(fitted), raw.shape[1]), random_state=seed).fit(raw[fitted])
    found: NDArray[np.float32] = components.transform(raw)
    return found
