"""GMI as its official code computes it, with each of what departs from the paper as a switch."""

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from infomax.critics import BilinearCritic
from infomax.encoders.graphs import GCNEncoder
from infomax.errors import UserError
from infomax.graphs.node_products import (
    Neighbourhoods,
    neighbour_products,
    ring_products,
    weighted_sums,
)
from infomax.graphs.non_edges import PairFunction, check_edge_form, sum_over_non_edges
from infomax.graphs.terms import EncodedNodes, FeatureTerm, GraphTerm, TermSizes, TermValue

__all__ = ["GMICodeTerm"]

_EPSILON = 1e-10
_LOG_4 = 1.3862943611198906


def _value(scores: Tensor) -> Tensor:
    return -(1 - scores.sigmoid() + _EPSILON).log()


def _slope(scores: Tensor) -> Tensor:
    likelihood = scores.sigmoid()
    return likelihood * (1 - likelihood) / (1 - likelihood + _EPSILON)


_NO_EDGE = PairFunction(_value, _slope)


class GMICodeTerm(GraphTerm):
    r"""The loss of GMI's official code, :math:`\alpha L_1 + \beta L_2 + \gamma L_3`, negated.

    With K negatives n of each node, :math:`sp(u) = \log(1 + e^u)`, and scores
    :math:`s^1 = \sigma(x_j^\top W_1 h_i)` and :math:`s^2 = \sigma(h_i^\top W_2 m_i)`,

    .. math:: L_1 = \frac{1}{N} \sum_i \Bigl( sp(-s^1_{ii}) + \frac{1}{K} \sum_n sp(s^1_{in})
              \Bigr), \qquad m_i = \mathrm{PReLU}\Bigl(
              \frac{1}{|N(i)|} \sum_{j \in N(i), j \ne i} (X W)_j \Bigr)

    with W of the encoder's first layer; :math:`L_2` is the same of :math:`(h_i, m_i)`, where
    negatives replace :math:`h_i`. With :math:`p_{ij} = \sigma(h_i^\top h_j)`, :math:`G = A + I`,
    :math:`E = \frac{1}{2} \sum G` and :math:`\epsilon = 10^{-10}`,

    .. math:: L_3 = \frac{1}{N^2 - E} \sum_{ij} -\frac{N^2 - E}{E} G_{ij} \log(p_{ij} + \epsilon)
              - (1 - G_{ij}) \log(1 - p_{ij} + \epsilon)

    Four of the six departures are here: scores are squashed before they are compared, so that
    :math:`L_1` is at least 1.006; a node and the mean of its neighbours stand for the paper's sum
    over pairs; a self-loop counts twice, which turns the sign of one of its terms; and all N x N
    scores are made at once. The other two are of its probe (``step_chosen_probe``).

    Source: Peng et al. (2020), the authors' code; ``paper`` terms are those of ``FeatureTerm``.

    Args:
        sizes: of features and codes.
        generator: draws the critics' weights.
        alpha: weight of L1.
        beta: weight of L2.
        gamma: weight of L3.
        negatives: K.
        squashed: pass scores through a sigmoid before they are compared.
        two_critics: compare a node with itself and with the mean of its neighbours; else with each
            of them, weighted alike, by the weight alpha + beta.
        doubled_self_loops: add I to a node that has a self-loop.
        dense: make all N x N scores at once; their sum is the same.
        edges: ``exact``, or ``sampled`` for a sum that is equal in expectation.
        non_edges: pairs drawn for each node.
    """

    def __init__(
        self,
        sizes: TermSizes,
        generator: torch.Generator,
        *,
        alpha: float = 0.8,
        beta: float = 1.0,
        gamma: float = 1.0,
        negatives: int = 5,
        squashed: bool = True,
        two_critics: bool = True,
        doubled_self_loops: bool = True,
        dense: bool = False,
        edges: str = "exact",
        non_edges: int = 5,
    ) -> None:
        super().__init__()
        self.alpha, self.beta, self.gamma = alpha, beta, gamma
        self.negatives, self.squashed = negatives, squashed
        self.two_critics, self.doubled_self_loops, self.dense = (
            two_critics,
            doubled_self_loops,
            dense,
        )
        self.edges, self.non_edges = check_edge_form(edges), non_edges
        if dense and edges == "sampled":
            raise UserError("dense makes all N x N scores, and sampled some: choose one")
        self.own: nn.Module
        if two_critics:
            self.own = BilinearCritic(sizes.code_size, sizes.features, generator)
            self.of_neighbours = BilinearCritic(sizes.code_size, sizes.code_size, generator)
        else:
            self.own = FeatureTerm(sizes, generator, negatives=negatives)

    def forward(self, nodes: EncodedNodes) -> TermValue:
        """Return the negated loss for some nodes."""
        if self.two_critics:
            own, around = self.own_loss(nodes), self.neighbours_loss(nodes)
            of_features = self.alpha * own + self.beta * around
            reading = 2 * _LOG_4 - own - around
        else:
            own = self._pairs_loss(nodes)
            of_features, reading = (self.alpha + self.beta) * own, _LOG_4 - own
        loss = of_features + self.gamma * self.edges_loss(nodes) if self.gamma else of_features
        return TermValue(-loss, reading.detach())

    def own_loss(self, nodes: EncodedNodes) -> Tensor:
        """Return L1."""
        assert isinstance(self.own, BilinearCritic)  # noqa: S101
        projected = nodes.pairs.of(nodes.graph.own_features @ self.own.product.weight.T)
        ring = nodes.ring(self.negatives)
        pairs = (nodes.codes * projected).sum(dim=1)
        return self._compared(pairs, ring_products(nodes.codes, projected, ring))

    def neighbours_loss(self, nodes: EncodedNodes) -> Tensor:
        """Return L2."""
        means = self.of_neighbours.product(self.neighbour_means(nodes))
        ring = nodes.ring(self.negatives)
        pairs = (nodes.codes * means).sum(dim=1)
        return self._compared(pairs, ring_products(means, nodes.codes, ring))

    def neighbour_means(self, nodes: EncodedNodes) -> Tensor:
        """Return m: ``(n, d)``, zeros where a node has no neighbours."""
        if not isinstance(nodes.encoder, GCNEncoder):
            raise UserError(
                "gmi-code reads the first layer of a graph convolution network: choose the encoder "
                "gcn, or another objective"
            )
        first = nodes.encoder.first
        projected = nodes.pairs.of(nodes.graph.own_features @ first.weight)
        sums = weighted_sums(_without_self(nodes.pairs), projected, nodes.pairs)
        return nn.functional.prelu(sums, first.slope)

    def edges_loss(self, nodes: EncodedNodes) -> Tensor:
        """Return L3."""
        pairs, codes = nodes.pairs, nodes.codes
        targets = pairs.adjacency + (pairs.rows == pairs.columns)
        if not self.doubled_self_loops:
            targets = targets.clamp_max(1)
        count, edges = pairs.size**2, float(targets.sum()) / 2
        weight = (count - edges) / edges
        scale = 1 / (count - edges)
        if self.dense:
            likelihoods = (codes @ codes.T).sigmoid()
            all_targets = pairs.sparse(targets).to_dense()
            losses = -weight * all_targets * (likelihoods + _EPSILON).log()
            losses = losses - (1 - all_targets) * (1 - likelihoods + _EPSILON).log()
            return scale * losses.sum()
        products = neighbour_products(codes, codes, pairs)
        ring = nodes.ring(self.non_edges) if self.edges == "sampled" else None
        others = sum_over_non_edges(codes, pairs, products, _NO_EDGE, ring)
        linked = -weight * targets * (products.sigmoid() + _EPSILON).log()
        linked = linked + (1 - targets) * _NO_EDGE.value(products)
        return (scale * (others + linked.sum(dtype=torch.float64))).to(codes.dtype)

    def _compared(self, pairs: Tensor, negatives: Tensor) -> Tensor:
        if self.squashed:
            pairs, negatives = pairs.sigmoid(), negatives.sigmoid()
        return softplus(-pairs).mean() + softplus(negatives).mean()

    def _pairs_loss(self, nodes: EncodedNodes) -> Tensor:
        assert isinstance(self.own, FeatureTerm)  # noqa: S101
        squash = torch.sigmoid if self.squashed else torch.nn.Identity()
        scores, mass = self.own.scores(nodes)
        joint = scores.joint_mean(lambda each: logsigmoid(squash(each)))
        return -mass * (joint + scores.negatives_mean(lambda each: logsigmoid(-squash(each))))


def _without_self(pairs: Neighbourhoods) -> Tensor:
    """Return weights of pairs that average each node's neighbours other than itself."""
    others = (pairs.rows != pairs.columns).float()
    counts = torch.zeros(pairs.size, device=others.device).index_add(0, pairs.rows, others)
    return others / counts.clamp_min(1)[pairs.rows]
