"""Terms that objectives of graphs are made of: codes with a summary, features or each other."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from infomax.bounds import find_bound
from infomax.critics import CRITICS, BilinearCritic, SeparableCritic
from infomax.critics.critic import FactoredCritic
from infomax.encoders.graphs import GraphEncoder, GraphTensors, SparseMatrix
from infomax.errors import UserError, unknown_name
from infomax.graphs.node_pairs import NodePairScores, check_takes_node_pairs
from infomax.graphs.node_products import Neighbourhoods, Ring, neighbour_products, ring_products
from infomax.graphs.non_edges import SOFTPLUS, check_edge_form, sum_over_non_edges

__all__ = [
    "EdgeTerm",
    "EncodedNodes",
    "FeatureTerm",
    "GraphTerm",
    "SummaryTerm",
    "TermSizes",
    "TermValue",
]


class TermSizes(NamedTuple):
    """What a term is made for.

    Attributes:
        features: F, values of a node.
        code_size: d, values of a code.
    """

    features: int
    code_size: int


@dataclass(frozen=True, eq=False)
class EncodedNodes:
    """Some nodes of a graph with their codes, as a term reads them.

    Attributes:
        graph: the whole graph.
        encoder: of its nodes.
        pairs: neighbourhoods of the n nodes that the term is of.
        codes: h, their codes: ``(n, d)``.
        shuffled: their codes in the graph with features of other nodes, ``(n, d)``; ``None`` where
            no term needs them.
        generator: draws negatives.
    """

    graph: GraphTensors
    encoder: GraphEncoder
    pairs: Neighbourhoods
    codes: Tensor
    shuffled: Tensor | None
    generator: torch.Generator

    def ring(self, negatives: int) -> Ring:
        """Draw negatives of each node."""
        return Ring(self.pairs.size, negatives, self.generator, self.codes.device)


class TermValue(NamedTuple):
    """What a term is for some nodes.

    Attributes:
        objective: what is maximised, one value.
        reading: what it says of the information, in nats; without gradient.
    """

    objective: Tensor
    reading: Tensor


class GraphTerm(nn.Module):
    """A part of an objective: from encoded nodes to a value that is maximised.

    Attributes:
        needs_shuffled: whether it needs codes of shuffled features.
    """

    needs_shuffled = False

    @abstractmethod
    def forward(self, nodes: EncodedNodes) -> TermValue:
        """Return the value for some nodes."""

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, nodes: EncodedNodes) -> TermValue: ...  # noqa: D102


def factored_critic(
    name: str, x_size: int, y_size: int, generator: torch.Generator
) -> FactoredCritic:
    """Return a critic whose scores are inner products, by name.

    Raises:
        UserError: if there is none of that name, or its scores are no inner products.
    """
    if name not in CRITICS:
        raise unknown_name("critic", name, CRITICS)
    critic = CRITICS[name](x_size, y_size, generator)
    if not isinstance(critic, FactoredCritic):
        raise UserError(
            f"the critic {name} scores every pair by a network, and a graph has too many pairs: "
            "choose one of inner products, such as bilinear or separable"
        )
    return critic


def factors_of_features(
    critic: FactoredCritic, codes: Tensor, features: SparseMatrix | Tensor
) -> tuple[Tensor, Tensor]:
    """Return the factors of codes ``(n, d)`` and features ``(N, F)``.

    Sparse features are only written out for critics that take them as they are.
    """
    if isinstance(critic, BilinearCritic):
        return codes, features @ critic.product.weight.T
    if isinstance(critic, SeparableCritic):
        first, *rest = critic.y_network
        assert isinstance(first, nn.Linear)  # noqa: S101
        of_features = features @ first.weight.T + first.bias
        for layer in rest:
            of_features = layer(of_features)
        return critic.x_network(codes), of_features
    dense = features.to_dense() if isinstance(features, SparseMatrix) else features
    return critic.factors(codes, dense)


class SummaryTerm(GraphTerm):
    r"""Information between the code of a node and a summary of the graph, as DGI has it.

    Pairs are :math:`(h_i, s)`, negatives :math:`(\tilde h_i, s)` with the codes of the graph whose
    features were shuffled. The score is :math:`h^\top W s + c` by the bilinear critic, and

    .. math:: s = \sigma\Bigl(\tfrac{1}{n} \sum_i h_i\Bigr) \quad\text{or}\quad s = (1, \dots, 1)

    Source: Veličković et al. (2019), section 3.4 and equations 4 and 5; the constant summary as
    Zheng et al. (2022), GGD, section 3, find it to do as well.

    Args:
        sizes: of features and codes.
        generator: draws the critic's weights.
        summary: ``mean``, or ``ones`` for the constant.
        critic: of codes and summary, one of inner products.
        bound: that is maximised.
    """

    needs_shuffled = True

    def __init__(
        self,
        sizes: TermSizes,
        generator: torch.Generator,
        *,
        summary: str = "mean",
        critic: str = "bilinear",
        bound: str = "jensen-shannon",
    ) -> None:
        super().__init__()
        if summary not in {"mean", "ones"}:
            raise unknown_name("summary", summary, ("mean", "ones"))
        self.summary = summary
        self.critic = factored_critic(critic, sizes.code_size, sizes.code_size, generator)
        self.offset = nn.Parameter(torch.zeros(()))
        self.bound = find_bound(bound)
        check_takes_node_pairs(self.bound)

    def summarised(self, codes: Tensor) -> Tensor:
        """Return the summary of codes: ``(n, d)`` -> ``(1, d)``."""
        if self.summary == "ones":
            return codes.new_ones(1, codes.shape[1])
        return codes.mean(dim=0, keepdim=True).sigmoid()

    def scores(self, nodes: EncodedNodes) -> NodePairScores:
        """Return the scores of all nodes with the summary, and of their negatives."""
        if nodes.shuffled is None:
            raise UserError("the summary is told from codes of shuffled features: give these, too")
        summary = self.summarised(nodes.codes)
        of_codes, of_summary = self.critic.factors(nodes.codes, summary)
        of_shuffled, _ = self.critic.factors(nodes.shuffled, summary)
        pairs, negatives = (
            each @ of_summary.squeeze(0) + self.offset for each in (of_codes, of_shuffled)
        )
        return NodePairScores(pairs, negatives.unsqueeze(1))

    def forward(self, nodes: EncodedNodes) -> TermValue:
        """Return the bound for some nodes."""
        scores = self.scores(nodes)
        objective = self.bound.objective(scores)
        with torch.no_grad():
            return TermValue(objective, self.bound.estimate(scores))


class FeatureTerm(GraphTerm):
    r"""Information between codes and the features of their neighbours: GMI's first term.

    .. math:: \frac{1}{n} \sum_i \sum_{j \in N(i)} w_{ij} \, I(h_i; x_j), \qquad
              w_{ij} = \frac{1}{|N(i)|} \quad\text{or}\quad w_{ij} = \sigma(h_i^\top h_j)

    where N(i) includes i. Negatives of a pair are features of K other nodes, drawn anew at each
    update for each i: what they add to pair (i, j) does not depend on j in expectation, so that the
    pairs of one node share them.

    Source: Peng et al. (2020), GMI, equations 5 to 9.

    Args:
        sizes: of features and codes.
        generator: draws the critic's weights.
        weights: ``mean`` or ``adaptive``; the latter have a gradient.
        negatives: K.
        critic: of codes and features, one of inner products.
        bound: I.
        neighbours: whether others than i itself are in N(i).
    """

    def __init__(
        self,
        sizes: TermSizes,
        generator: torch.Generator,
        *,
        weights: str = "mean",
        negatives: int = 5,
        critic: str = "bilinear",
        bound: str = "jensen-shannon",
        neighbours: bool = True,
    ) -> None:
        super().__init__()
        if weights not in {"mean", "adaptive"}:
            raise unknown_name("weights", weights, ("mean", "adaptive"))
        self.weights, self.negatives, self.neighbours = weights, negatives, neighbours
        self.critic = factored_critic(critic, sizes.code_size, sizes.features, generator)
        self.bound = find_bound(bound)
        check_takes_node_pairs(self.bound)

    def scores(self, nodes: EncodedNodes) -> tuple[NodePairScores, Tensor]:
        """Return the scores of all pairs and their negatives, and the mean weight of a node."""
        pairs, ring = nodes.pairs, nodes.ring(self.negatives)
        u, of_all = factors_of_features(self.critic, nodes.codes, nodes.graph.own_features)
        v = pairs.of(of_all)
        negatives = ring_products(u, v, ring)
        others = ring.of_candidates(negatives)
        if not self.neighbours:
            scores = NodePairScores((u * v).sum(dim=1), negatives, negatives_of_candidates=others)
            return scores, u.new_ones(())
        if self.weights == "mean":
            weights = (1 / pairs.counts)[pairs.rows].to(u.dtype)
        else:
            weights = neighbour_products(nodes.codes, nodes.codes, pairs).sigmoid()
        scores = NodePairScores(
            neighbour_products(u, v, pairs),
            negatives,
            anchors=pairs.rows,
            weights=weights,
            candidates=pairs.columns,
            negatives_of_candidates=others,
        )
        return scores, weights.sum() / pairs.size

    def forward(self, nodes: EncodedNodes) -> TermValue:
        """Return the bound for some nodes."""
        scores, mass = self.scores(nodes)
        objective = mass * self.bound.objective(scores)
        with torch.no_grad():
            return TermValue(objective, mass.detach() * self.bound.estimate(scores))


class EdgeTerm(GraphTerm):
    r"""Likelihood of the edges given the codes, as a graph autoencoder has it: GMI's second term.

    With E ordered pairs of neighbours and M of others, the nodes themselves left out,

    .. math:: \frac{1}{E} \sum_{a_{ij} = 1} \log \sigma(h_i^\top h_j)
              + \frac{1}{M} \sum_{a_{ij} = 0} \log (1 - \sigma(h_i^\top h_j))

    It is the Jensen-Shannon objective of neighbours against others; both kinds weigh alike, because
    edges are few. What it reads is the value plus 2 log 2, at most twice a Jensen-Shannon
    divergence, and not the mutual information.

    Source: Kipf and Welling (2016), section 2; Peng et al. (2020), equation 10.

    Args:
        sizes: of features and codes.
        generator: not drawn from; there are no weights.
        edges: ``exact`` sums over all pairs of nodes, ``sampled`` over some drawn at each update,
            which has the same expectation.
        non_edges: pairs drawn for each node.
    """

    def __init__(
        self,
        sizes: TermSizes,  # noqa: ARG002
        generator: torch.Generator,  # noqa: ARG002
        *,
        edges: str = "exact",
        non_edges: int = 5,
    ) -> None:
        super().__init__()
        self.edges, self.non_edges = check_edge_form(edges), non_edges

    def forward(self, nodes: EncodedNodes) -> TermValue:
        """Return the likelihood for all pairs of some nodes."""
        pairs, codes = nodes.pairs, nodes.codes
        products = neighbour_products(codes, codes, pairs)
        linked = (pairs.adjacency > 0) & (pairs.rows != pairs.columns)
        edges = int(linked.sum())
        others = pairs.size**2 - len(pairs.rows)
        if not edges or not others:
            raise UserError(
                f"{edges} edges and {others} other pairs among {pairs.size} nodes: the edge term "
                "needs some of each"
            )
        ring = nodes.ring(self.non_edges) if self.edges == "sampled" else None
        of_others = sum_over_non_edges(codes, pairs, products, SOFTPLUS, ring) / others
        of_edges = SOFTPLUS.value(-products[linked]).mean(dtype=torch.float64)
        objective = -(of_edges + of_others).to(codes.dtype)
        return TermValue(objective, objective.detach() + 2 * math.log(2))
