"""Three probes of node codes: one that is solved and chosen fairly, and the two of the papers."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.data import NO_CLASS, Graph, NodeSplit
from infomax.errors import UserError
from infomax.evaluation import Accuracy, accuracy_of, check_probed_labels, fit_probe
from infomax.training import generator_for

__all__ = [
    "HundredStepProbe",
    "NodeProbe",
    "StepChosenProbe",
    "hundred_step_probe",
    "node_split",
    "probe_nodes",
    "step_chosen_probe",
]

_PENALTIES = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
_LOOK_EVERY = 100


@dataclass(frozen=True)
class NodeProbe:
    """What the solved probe gets right.

    Attributes:
        test: accuracy on test nodes, with intervals.
        validation: share of validation nodes that it gets right.
        penalty: that was best on them.
    """

    test: Accuracy
    validation: float
    penalty: float


@dataclass(frozen=True)
class HundredStepProbe:
    """What DGI's probe gets right.

    Attributes:
        test: mean test accuracy over its restarts.
        sd: over these, all on one embedding: it says nothing of another encoder or split.
    """

    test: float
    sd: float


@dataclass(frozen=True)
class StepChosenProbe:
    """What GMI's probe gets right, by which nodes its number of steps is chosen.

    Attributes:
        by_test: mean test accuracy at the steps that are best on the test nodes: the leak.
        by_validation: that at the steps that are best on the validation nodes.
        test_steps: the steps of the first, the median over restarts.
        validation_steps: those of the second.
    """

    by_test: float
    by_validation: float
    test_steps: int
    validation_steps: int

    @property
    def inflation(self) -> float:
        """By how much choosing on test nodes raises the accuracy."""
        return self.by_test - self.by_validation


def node_split(graph: Graph, split: NodeSplit | None = None) -> tuple[NodeSplit, NDArray[np.int64]]:
    """Return the split that is given or comes with a graph, and the labels.

    Raises:
        UserError: if there are no labels or no split, or a node of the split has no class.
    """
    labels, chosen = graph.known_labels(), split or graph.split
    if chosen is None:
        raise UserError(
            f"{graph.name} comes without a split: draw one by random_node_split(graph, seed)"
        )
    for part in (chosen.train, chosen.validation, chosen.test):
        unknown = int((labels[part] == NO_CLASS).sum())
        if unknown or not len(part):
            raise UserError(
                f"{graph.name}: {unknown} of {len(part)} nodes of a part of the split have no "
                "class: a probe needs some, and the class of each"
            )
    check_probed_labels(labels[chosen.train])
    return chosen, labels


def probe_nodes(codes: Tensor, graph: Graph, split: NodeSplit | None = None) -> NodeProbe:
    """Fit a linear probe on the training nodes of a split, and measure it on the test nodes.

    It is solved to convergence (``fit_probe``) with each of six penalties, of which the one that
    is best on the validation nodes is taken, the strongest of equals. Test nodes are asked once.

    Args:
        codes: of all nodes, ``(N, d)``, on the CPU.
        graph: with labels.
        split: of its nodes; by default the one that it comes with.

    Raises:
        UserError: as ``node_split``, and if a code is not finite.

    Example:
        >>> from infomax.data import stochastic_blocks
        >>> graph = stochastic_blocks()
        >>> one_hot = torch.eye(4)[torch.from_numpy(graph.labels)]
        >>> probe_nodes(one_hot, graph).test.value
        1.0
    """
    chosen, labels = node_split(graph, split)
    fitted = [
        fit_probe(codes[chosen.train], labels[chosen.train], seed=0, penalties=(penalty,))
        for penalty in _PENALTIES
    ]
    right = [each.accuracy(codes[chosen.validation], labels[chosen.validation]) for each in fitted]
    best = int(np.argmax(right))
    predicted = fitted[best].predict(codes[chosen.test]).numpy()
    test = accuracy_of(predicted, labels[chosen.test])
    return NodeProbe(test, right[best], fitted[best].penalty)


def hundred_step_probe(
    codes: Tensor,
    graph: Graph,
    split: NodeSplit | None = None,
    *,
    seed: int = 0,
    restarts: int = 50,
) -> HundredStepProbe:
    """Train DGI's probe: a linear layer, 100 steps of Adam at 0.01, from several beginnings.

    Source: Veličković et al. (2019), the authors' code.

    Args:
        codes: of all nodes, ``(N, d)``, on the CPU.
        graph: with labels.
        split: of its nodes; by default the one that it comes with.
        seed: of the beginnings.
        restarts: how many there are.

    Raises:
        UserError: as ``node_split``.
    """
    chosen, labels = node_split(graph, split)
    probes = _Probes(
        codes[chosen.train],
        labels[chosen.train],
        labels,
        seed=seed,
        restarts=restarts,
        learning_rate=0.01,
    )
    probes.step(100)
    right = probes.accuracies(codes[chosen.test], labels[chosen.test])
    return HundredStepProbe(float(right.mean()), float(right.std()))


def step_chosen_probe(
    codes: Tensor,
    graph: Graph,
    split: NodeSplit | None = None,
    *,
    seed: int = 0,
    restarts: int = 50,
    steps: int = 20_000,
) -> StepChosenProbe:
    """Train GMI's probe, whose number of steps is chosen by test accuracy, and a fair one.

    A linear layer, Adam at 0.001 with a decay of 1e-5 in the gradient, looked at every 100 steps.

    Source: Peng et al. (2020), the authors' code, which never reads the validation nodes.

    Args:
        codes: of all nodes, ``(N, d)``, on the CPU.
        graph: with labels.
        split: of its nodes; by default the one that it comes with.
        seed: of the beginnings.
        restarts: how many there are.
        steps: at most.

    Raises:
        UserError: as ``node_split``, and if there are fewer than 100 steps.
    """
    if steps < _LOOK_EVERY:
        raise UserError(f"steps is {steps}: the probe is looked at every {_LOOK_EVERY}")
    chosen, labels = node_split(graph, split)
    train = codes[chosen.train], labels[chosen.train]
    probes = _Probes(
        *train, labels, seed=seed, restarts=restarts, learning_rate=0.001, weight_decay=1e-5
    )
    test, validation = [], []
    for _ in range(steps // _LOOK_EVERY):
        probes.step(_LOOK_EVERY)
        test.append(probes.accuracies(codes[chosen.test], labels[chosen.test]))
        validation.append(probes.accuracies(codes[chosen.validation], labels[chosen.validation]))
    of_test, of_validation = np.array(test), np.array(validation)
    best, fair = of_test.argmax(axis=0), of_validation.argmax(axis=0)
    every = np.arange(restarts)
    return StepChosenProbe(
        float(of_test[best, every].mean()),
        float(of_test[fair, every].mean()),
        int(_LOOK_EVERY * (1 + np.median(best))),
        int(_LOOK_EVERY * (1 + np.median(fair))),
    )


class _Probes:
    """Linear layers of several beginnings, trained side by side by PyTorch's Adam."""

    def __init__(
        self,
        codes: Tensor,
        labels: NDArray[np.int64],
        all_labels: NDArray[np.int64],
        *,
        seed: int,
        restarts: int,
        learning_rate: float,
        weight_decay: float = 0.0,
    ) -> None:
        self._codes, self._labels = codes.float(), torch.from_numpy(labels)
        classes = int(all_labels.max()) + 1
        generator = generator_for(seed, "probe")
        weights = [
            nn.init.xavier_uniform_(torch.empty(classes, codes.shape[1]), generator=generator)
            for _ in range(restarts)
        ]
        self._weights = torch.stack(weights).requires_grad_()
        self._biases = torch.zeros(restarts, classes).requires_grad_()
        self._optimizer = torch.optim.Adam(
            [self._weights, self._biases], lr=learning_rate, weight_decay=weight_decay
        )

    def step(self, steps: int) -> None:
        target = self._labels[:, None].expand(-1, len(self._biases))
        for _ in range(steps):
            self._optimizer.zero_grad()
            logits = self._logits(self._codes)
            losses = nn.functional.cross_entropy(logits.permute(0, 2, 1), target, reduction="none")
            # The mean over nodes, the sum over beginnings, which share nothing.
            losses.mean(dim=0).sum().backward()
            self._optimizer.step()

    @torch.no_grad()
    def accuracies(self, codes: Tensor, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share of codes that each probe gets right, ``(restarts,)``."""
        right = self._logits(codes.float()).argmax(dim=2) == torch.from_numpy(labels)[:, None]
        shares: NDArray[np.float64] = right.double().mean(dim=0).numpy()
        return shares

    def _logits(self, codes: Tensor) -> Tensor:
        """Return logits, ``(n, restarts, classes)``."""
        flat = codes @ self._weights.flatten(end_dim=1).T
        logits: Tensor = flat.unflatten(1, self._biases.shape) + self._biases
        return logits
