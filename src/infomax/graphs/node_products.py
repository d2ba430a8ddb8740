"""Inner products of nodes with their neighbours and with others, without making all N x N of them.

Nothing of the size of pairs times code is kept: products are taken a few thousand pairs at a time,
and gradients are products of a sparse matrix with the codes.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from infomax.data import Graph
from infomax.encoders.graphs import compressed_rows, permuted_rows
from infomax.errors import UserError

__all__ = [
    "Neighbourhoods",
    "Ring",
    "neighbour_products",
    "ring_products",
    "weighted_sums",
]

_PAIRS_AT_ONCE = 8_192


class Neighbourhoods:
    """Each node with its neighbours and with itself, for some nodes of a graph.

    Pairs are those of which both nodes are among the chosen: nodes that are held out enter no pair.

    Args:
        graph: whose edges they are.
        nodes: indices of the chosen nodes, ascending; ``None`` chooses all.
        device: where tensors are kept.

    Attributes:
        nodes: as given, or ``None``.
        size: n, number of chosen nodes.
        rows: position of the first node of each pair among the chosen, ascending, ``(M,)``.
        columns: that of the second, ``(M,)``.
        adjacency: a_ij of each pair: 1 for edges and self-loops, 0 for other nodes by themselves.
        counts: pairs of each node, ``(n,)``.

    Example:
        >>> from infomax.data import open_graph
        >>> Neighbourhoods(open_graph("karate-club"))
        Neighbourhoods(34 nodes, 190 pairs)
    """

    def __init__(
        self, graph: Graph, nodes: Tensor | None = None, device: torch.device | str = "cpu"
    ) -> None:
        adjacency = graph.adjacency()
        if nodes is not None:
            chosen = nodes.cpu().numpy()
            adjacency = sp.csr_array(adjacency[chosen][:, chosen])
        self.nodes = None if nodes is None else nodes.to(device)
        self.size = int(adjacency.shape[0])
        pairs = sp.csr_array(adjacency + sp.eye_array(self.size, dtype=np.float32, format="csr"))
        pairs.sort_indices()
        own = np.repeat(np.arange(self.size), np.diff(pairs.indptr)) == pairs.indices
        starts, columns = pairs.indptr.astype(np.int64), pairs.indices.astype(np.int64)
        self.starts = torch.from_numpy(starts).to(device)
        self.columns = torch.from_numpy(columns).to(device)
        self.counts = self.starts.diff()
        self.rows = torch.repeat_interleave(torch.arange(self.size, device=device), self.counts)
        self.adjacency = torch.from_numpy(pairs.data - own).to(device)
        self.keys = self.rows * self.size + self.columns
        # Pair (j, i) for each pair (i, j): the pairs are symmetric.
        self.reverse = (self.columns * self.size + self.rows).argsort()

    def __repr__(self) -> str:
        return f"Neighbourhoods({self.size:,} nodes, {len(self.rows):,} pairs)"

    def of(self, rows: Tensor) -> Tensor:
        """Return the rows of the chosen nodes: ``(N, ...)`` -> ``(n, ...)``."""
        return rows if self.nodes is None else rows[self.nodes]

    def sparse(self, values: Tensor) -> Tensor:
        """Return values of the pairs as a sparse matrix, ``(n, n)``."""
        return compressed_rows(self.starts, self.columns, values, (self.size, self.size))

    def holds(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Tell which of some pairs are neighbours, or the same node."""
        asked = rows * self.size + columns
        at = torch.searchsorted(self.keys, asked).clamp_max(len(self.keys) - 1)
        return self.keys[at] == asked


def neighbour_products(u: Tensor, v: Tensor, pairs: Neighbourhoods) -> Tensor:
    r"""Return :math:`u_i^\top v_j` for each pair: ``(n, d)`` and ``(n, d)`` -> ``(M,)``."""
    products: Tensor = _NeighbourProducts.apply(u, v, pairs)  # type: ignore[no-untyped-call]
    return products


class _NeighbourProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, v: Tensor, pairs: Neighbourhoods) -> Tensor:
        ctx.save_for_backward(u, v)
        ctx.pairs = pairs
        blocks = zip(
            pairs.rows.split(_PAIRS_AT_ONCE), pairs.columns.split(_PAIRS_AT_ONCE), strict=True
        )
        return torch.cat([u[rows].mul_(v[columns]).sum(dim=1) for rows, columns in blocks])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        u, v = ctx.saved_tensors
        pairs: Neighbourhoods = ctx.pairs
        of_u = pairs.sparse(gradient) @ v if ctx.needs_input_grad[0] else None
        of_v = pairs.sparse(gradient[pairs.reverse]) @ u if ctx.needs_input_grad[1] else None
        return of_u, of_v, None


def weighted_sums(weights: Tensor, values: Tensor, pairs: Neighbourhoods) -> Tensor:
    r"""Return :math:`\sum_j w_{ij} v_j` of each node, with the gradient of the values alone.

    Args:
        weights: one for each pair, ``(M,)``; constant.
        values: ``(n, d)``.
        pairs: neighbourhoods of the n nodes.
    """
    sums: Tensor = _WeightedSums.apply(weights, values, pairs)  # type: ignore[no-untyped-call]
    return sums


class _WeightedSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weights: Tensor, values: Tensor, pairs: Neighbourhoods) -> Tensor:
        ctx.save_for_backward(weights)
        ctx.pairs = pairs
        return pairs.sparse(weights) @ values

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, None]:
        (weights,) = ctx.saved_tensors
        return None, ctx.pairs.sparse(weights[ctx.pairs.reverse]) @ gradient, None


class Ring:
    """Nodes in random order around a ring: the K that follow a node are its negatives.

    Each is drawn uniformly from all nodes but itself, and no two of a node are the same. The order
    is one permutation, so that products with all negatives are products of rows that lie shifted.

    Args:
        nodes: n.
        negatives: K, below n.
        generator: on the CPU; draws the order.
        device: where tensors are kept.

    Raises:
        UserError: if there are not that many other nodes.

    Example:
        >>> ring = Ring(5, 2, torch.Generator().manual_seed(0))
        >>> bool((ring.negatives == torch.arange(5)[:, None]).any()), ring.negatives.shape
        (False, torch.Size([5, 2]))
    """

    def __init__(
        self,
        nodes: int,
        negatives: int,
        generator: torch.Generator,
        device: torch.device | str = "cpu",
    ) -> None:
        if not 1 <= negatives < nodes:
            raise UserError(
                f"{negatives} negatives for each of {nodes} nodes: give at least 1, and fewer than "
                "there are nodes"
            )
        self.count = negatives
        self.order = torch.randperm(nodes, generator=generator).to(device)
        self.place = self.order.argsort()

    @property
    def negatives(self) -> Tensor:
        """The negatives of each node, ``(n, K)``."""
        shifts = [self.order.roll(-shift) for shift in range(1, self.count + 1)]
        return torch.stack(shifts, dim=1)[self.place]

    def of_candidates(self, scores: Tensor) -> Tensor:
        """Return the scores of each node with the anchors that it is a negative of.

        Args:
            scores: of each node with its negatives, ``(n, K)``.
        """
        in_ring = scores[self.order]
        shifted = [in_ring[:, at].roll(at + 1) for at in range(self.count)]
        return torch.stack(shifted, dim=1)[self.place]


def ring_products(u: Tensor, v: Tensor, ring: Ring) -> Tensor:
    r"""Return :math:`u_i^\top v_{n_{ik}}` for each negative: ``(n, d)`` twice -> ``(n, K)``."""
    in_ring: Tensor = _RingProducts.apply(  # type: ignore[no-untyped-call]
        permuted_rows(u, ring.order), permuted_rows(v, ring.order), ring.count
    )
    return permuted_rows(in_ring, ring.place)


class _RingProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, v: Tensor, count: int) -> Tensor:
        ctx.save_for_backward(u, v)
        ctx.count = count
        return torch.stack(
            [(u * v.roll(-shift, dims=0)).sum(dim=1) for shift in range(1, count + 1)], dim=1
        )

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        u, v = ctx.saved_tensors
        of_u, of_v = torch.zeros_like(u), torch.zeros_like(v)
        for at in range(ctx.count):
            own = gradient[:, at, None]
            of_u.addcmul_(own, v.roll(-(at + 1), dims=0))
            of_v.add_((own * u).roll(at + 1, dims=0))
        return of_u, of_v, None
