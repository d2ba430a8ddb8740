r"""Dependence of x and y through a class of each: what codes of classes look like.

Each side is a mixture of Gaussians with independent columns, and a table says how often each class
of x meets each class of y. In many columns, clusters that a critic would have to find by its
gradient are there from the beginning.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import special
from torch import Tensor

from infomax.critics import Critic
from infomax.errors import UserError
from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import Scaling

__all__ = ["LatentClassDependence", "LatentClassRatio", "SideClasses"]


@dataclass(frozen=True, eq=False)
class SideClasses:
    """The classes of one side: Gaussians with independent columns, behind margins.

    Attributes:
        means: ``(K, d)``.
        variances: ``(K, d)``, positive.
        margins: from measured values to those that the classes describe.
    """

    means: Array
    variances: Array
    margins: Scaling

    def responsibilities(self, values: Array, weights: Array) -> Array:
        r"""Return the probability of each class given rows ``(M, d)``: ``(M, K)``.

        .. math:: r_k(x) = \frac{w_k N(x; m_k, s_k)}{\sum_l w_l N(x; m_l, s_l)}

        Args:
            values: measured.
            weights: :math:`w_k`, the probability of each class beforehand, ``(K,)``.
        """
        rows, precisions = self.margins(values), 1 / self.variances
        forms = (
            rows**2 @ precisions.T
            - 2 * rows @ (self.means * precisions).T
            + (self.means**2 * precisions).sum(axis=1)
        )
        constants = np.log(weights) - np.log(self.variances).sum(axis=1) / 2
        responsibilities: Array = special.softmax(constants - forms / 2, axis=1)
        return responsibilities


@dataclass(frozen=True, eq=False)
class LatentClassDependence:
    r"""Fitted classes of x and of y, independent of each other but through the classes' table.

    .. math:: \log \frac{p(x, y)}{p(x) p(y)}
              = \log \sum_{ab} r_a(x) \frac{\pi_{ab}}{\pi_a \pi_b} r_b(y)

    Responsibilities are those of classes that are as frequent as the table says, so that this is
    the ratio of a joint density to its own margins, without remainder.

    Source: Lazarsfeld and Henry (1968), latent class analysis.

    Attributes:
        x_classes: A of them.
        y_classes: B of them.
        table: :math:`\pi_{ab}`, ``(A, B)``, positive, of sum 1.
    """

    x_classes: SideClasses
    y_classes: SideClasses
    table: Array

    @property
    def x_size(self) -> int:
        """Number of columns of x."""
        return len(self.x_classes.means.T)

    def log_ratios(self, values: Array) -> Array:
        """Return log p(x, y) / (p(x) p(y)) of rows ``(M, dx + dy)``, in nats: ``(M,)``."""
        x, y = self.sides(values)
        ratios: Array = np.log((x * y).sum(axis=1))
        return ratios

    def sides(self, values: Array, classes: int | None = None) -> tuple[Array, Array]:
        """Return x and y of rows ``(M, dx + dy)`` as what a score of all their pairs needs.

        The inner product of the two is the density ratio, not its logarithm.

        Args:
            values: measured, x beside y.
            classes: to make the number up to with classes that nothing is in, so that
                dependences with different tables can score side by side; by default B.

        Returns:
            x, what each class of y becomes more probable by, and y, its responsibilities:
            ``(M, classes)`` each.

        Raises:
            UserError: if y has more classes than that.
        """
        wanted = self.table.shape[1] if classes is None else classes
        if wanted < self.table.shape[1]:
            raise UserError(
                f"classes is {wanted}, and y has {self.table.shape[1]}: give at least that"
            )
        x, y = values[:, : self.x_size], values[:, self.x_size :]
        of_x = self.x_classes.responsibilities(x, self.table.sum(axis=1))
        of_y = self.y_classes.responsibilities(y, self.table.sum(axis=0))
        absent = ((0, 0), (0, wanted - self.table.shape[1]))
        return np.pad(of_x @ self._lift, absent), np.pad(of_y, absent)

    @property
    def _lift(self) -> Array:
        lift: Array = self.table / np.outer(self.table.sum(axis=1), self.table.sum(axis=0))
        return lift


class LatentClassRatio(Critic):
    r"""Scores pairs by the log density ratio of latent classes, in nats; nothing is trained.

    .. math:: s_{ij} = \log(x_i \cdot y_j)

    x and y are given as the dependence's ``sides``, which are positive.
    """

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs of sides: ``(..., N, B)`` each -> ``(..., N, N)``."""
        products = x @ y.mT
        return products.clamp_min(torch.finfo(products.dtype).tiny).log()
