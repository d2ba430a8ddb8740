"""The objectives of graphs, as data: which terms, with which weights and options."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from infomax.errors import unknown_name
from infomax.graphs.gmi_code import GMICodeTerm
from infomax.graphs.terms import EdgeTerm, FeatureTerm, GraphTerm, SummaryTerm, TermSizes

__all__ = ["GRAPH_OBJECTIVES", "GraphObjective", "TermSpec", "find_objective"]


@dataclass(frozen=True)
class TermSpec:
    """One term of an objective.

    Attributes:
        kind: class of the term.
        weight: what its value is multiplied by.
        options: of the class, where they are not its defaults.
    """

    kind: type[GraphTerm]
    weight: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def takes(self) -> list[str]:
        """Return the names of the options of its class."""
        return [
            name
            for name, each in inspect.signature(self.kind).parameters.items()
            if each.kind is inspect.Parameter.KEYWORD_ONLY
        ]


@dataclass(frozen=True)
class GraphObjective:
    """What an encoder of graphs is trained on: a weighted sum of terms, which is maximised.

    Attributes:
        name: what settings and records call it.
        summary: one line that says what it is.
        terms: of which it is made.

    Example:
        >>> objective = find_objective("dgi")
        >>> objective.options()
        ['bound', 'critic', 'summary']
    """

    name: str
    summary: str
    terms: tuple[TermSpec, ...]

    def options(self) -> list[str]:
        """Return the names of all options that some term takes."""
        return sorted({name for term in self.terms for name in term.takes()})

    def make(
        self, sizes: TermSizes, generator: torch.Generator, options: Mapping[str, Any] | None = None
    ) -> nn.ModuleList:
        """Return the terms as modules.

        Args:
            sizes: of features and codes.
            generator: draws their weights, term by term.
            options: each goes to every term that takes it.

        Raises:
            UserError: if no term takes an option, or a term refuses one.
        """
        given = dict(options or {})
        for name in given:
            if name not in self.options():
                raise unknown_name(f"option of {self.name}", name, self.options())
        return nn.ModuleList(
            term.kind(
                sizes,
                generator,
                **{
                    **term.options,
                    **{name: value for name, value in given.items() if name in term.takes()},
                },
            )
            for term in self.terms
        )


GRAPH_OBJECTIVES: dict[str, GraphObjective] = {
    each.name: each
    for each in (
        GraphObjective(
            "dgi",
            "Deep Graph Infomax: codes against codes of shuffled features, by a summary.",
            # The mean over 2 N scores of a binary cross-entropy is half of the two means.
            (TermSpec(SummaryTerm, 0.5),),
        ),
        GraphObjective(
            "dgi-constant-summary",
            "Deep Graph Infomax with a summary of ones, which tells nothing of the graph.",
            (TermSpec(SummaryTerm, 0.5, {"summary": "ones"}),),
        ),
        GraphObjective(
            "gmi-mean",
            "Graphical mutual information as the paper defines it, neighbours weighted alike.",
            (TermSpec(FeatureTerm), TermSpec(EdgeTerm)),
        ),
        GraphObjective(
            "gmi-adaptive",
            "Graphical mutual information as the paper defines it, with learnt weights.",
            (TermSpec(FeatureTerm, options={"weights": "adaptive"}), TermSpec(EdgeTerm)),
        ),
        GraphObjective(
            "gmi-code",
            "Graphical mutual information as its official code computes it.",
            (TermSpec(GMICodeTerm),),
        ),
        GraphObjective(
            "features-only",
            "The first term of graphical mutual information alone: codes and features around them.",
            (TermSpec(FeatureTerm),),
        ),
        GraphObjective(
            "edges-only",
            "The second term of graphical mutual information alone, a graph autoencoder's.",
            (TermSpec(EdgeTerm),),
        ),
    )
}
"""The objectives by name."""


def find_objective(name: str) -> GraphObjective:
    """Return the objective of a name.

    Raises:
        UserError: if there is none of that name.

    Example:
        >>> find_objective("dgy")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown objective 'dgy': did you mean 'dgi'? choose one of dgi, \
dgi-constant-summary, gmi-mean, gmi-adaptive, gmi-code, features-only, edges-only
    """
    if name not in GRAPH_OBJECTIVES:
        raise unknown_name("objective", name, GRAPH_OBJECTIVES)
    return GRAPH_OBJECTIVES[name]
