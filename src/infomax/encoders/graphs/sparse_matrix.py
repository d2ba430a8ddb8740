"""A matrix that is mostly zeros, and its products with dense ones, with their gradients."""

import warnings
from typing import Any

import scipy.sparse as sp
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["SparseMatrix", "compressed_rows", "permuted_rows"]


class SparseMatrix:
    r"""A constant sparse matrix A, of which products ``A @ dense`` are taken.

    The gradient of the dense factor is :math:`A^\top G`. The transpose is kept laid out by rows,
    too, because a product with a matrix that lies the wrong way takes several times longer; of a
    symmetric matrix there is one copy.

    Args:
        matrix: of SciPy, ``(n, m)``, float32.
        symmetric: whether it is its own transpose.
        device: where it is kept.

    Attributes:
        shape: ``(n, m)``.

    Example:
        >>> matrix = SparseMatrix(sp.csr_array([[0.0, 2.0], [1.0, 0.0], [0.0, 0.0]]))
        >>> (matrix @ torch.tensor([[1.0], [10.0]])).tolist()
        [[20.0], [1.0], [0.0]]
    """

    def __init__(
        self,
        matrix: sp.csr_array,
        *,
        symmetric: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:
        self.shape = tuple(matrix.shape)
        self._rows = _of_scipy(matrix).to(device)
        self._columns = self._rows if symmetric else _of_scipy(sp.csr_array(matrix.T)).to(device)

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"SparseMatrix({rows} x {columns}, {self._rows.values().numel():,} values)"

    def __matmul__(self, dense: Tensor) -> Tensor:
        """Return the product: ``(n, m)`` with ``(m, d)`` -> ``(n, d)``."""
        product: Tensor = _Product.apply(dense, self)  # type: ignore[no-untyped-call]
        return product

    def to_dense(self) -> Tensor:
        """Return the matrix with its zeros written out."""
        return self._rows.to_dense()


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, dense: Tensor, matrix: SparseMatrix) -> Tensor:
        ctx.matrix = matrix
        return matrix._rows @ dense

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.matrix._columns @ gradient, None


def permuted_rows(values: Tensor, order: Tensor) -> Tensor:
    """Return rows in another order, of which each comes once: ``(n, ...)`` -> ``(n, ...)``.

    The gradient is a permutation, too, where indexing would add up rows that might come twice.

    Args:
        values: rows.
        order: a permutation; row i of the result is row ``order[i]``.

    Example:
        >>> permuted_rows(torch.tensor([10, 20, 30]), torch.tensor([2, 0, 1])).tolist()
        [30, 10, 20]
    """
    permuted: Tensor = _PermutedRows.apply(values, order)  # type: ignore[no-untyped-call]
    return permuted


class _PermutedRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, order: Tensor) -> Tensor:
        ctx.save_for_backward(order)
        return values.index_select(0, order)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (order,) = ctx.saved_tensors
        return gradient.index_select(0, order.argsort()), None


def _of_scipy(matrix: sp.csr_array) -> Tensor:
    return compressed_rows(
        torch.from_numpy(matrix.indptr.astype("int64")),
        torch.from_numpy(matrix.indices.astype("int64")),
        torch.from_numpy(matrix.data.astype("float32")),
        matrix.shape,
    )


def compressed_rows(starts: Tensor, columns: Tensor, values: Tensor, shape: Any) -> Tensor:
    """Return a sparse tensor of PyTorch that is laid out by rows.

    Args:
        starts: where each row begins among the values, and where the last ends: ``(n + 1,)``.
        columns: column of each value, ``(nnz,)``.
        values: ``(nnz,)``.
        shape: ``(n, m)``.
    """
    with warnings.catch_warnings():
        # PyTorch says at the first that this layout is young; its products are tested here.
        warnings.filterwarnings("ignore", "Sparse CSR tensor support", UserWarning)
        return torch.sparse_csr_tensor(
            starts, columns, values, size=tuple(shape), check_invariants=False
        )
