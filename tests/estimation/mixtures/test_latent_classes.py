"""Latent classes against densities of scipy and closed forms."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from infomax.errors import UserError
from infomax.estimation.mixtures.latent_classes import (
    LatentClassDependence,
    LatentClassRatio,
    SideClasses,
)

from ..conftest import Array


def as_it_is(values: Array) -> Array:
    return values


def squeezed(values: Array) -> Array:
    return np.asarray(np.arcsinh(values))


def random_dependence(x_number: int = 3, y_number: int = 4) -> LatentClassDependence:
    generator = np.random.default_rng(0)
    x_classes, y_classes = (
        SideClasses(
            2 * generator.normal(size=(number, columns)),
            generator.uniform(0.2, 2, size=(number, columns)),
            squeezed,
        )
        for number, columns in ((x_number, 2), (y_number, 3))
    )
    table = generator.dirichlet(np.ones(x_number * y_number)).reshape(x_number, y_number)
    return LatentClassDependence(x_classes, y_classes, table)


def densities(classes: SideClasses, values: Array) -> Array:
    """Return the density of each row in each class, without margins: ``(M, K)``."""
    each = norm(classes.means, np.sqrt(classes.variances)).pdf(squeezed(values)[:, None, :])
    density: Array = np.prod(each, axis=2)
    return density


def test_log_ratios_are_those_of_the_densities_of_scipy() -> None:
    dependence = random_dependence()
    values = np.random.default_rng(1).normal(size=(40, 5))
    x = densities(dependence.x_classes, values[:, :2])
    y = densities(dependence.y_classes, values[:, 2:])
    joint = np.einsum("ia,ab,ib->i", x, dependence.table, y)
    of_x, of_y = x @ dependence.table.sum(axis=1), y @ dependence.table.sum(axis=0)
    expected = np.log(joint / (of_x * of_y))
    np.testing.assert_allclose(dependence.log_ratios(values), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("padded", [None, 4, 7])
def test_scores_all_pairs_as_the_dependence_does(padded: int | None) -> None:
    dependence = random_dependence()
    values = np.random.default_rng(1).normal(size=(9, 5))
    x, y = (torch.from_numpy(side).float() for side in dependence.sides(values, padded))
    assert x.shape == y.shape == (9, padded or 4)
    scores = LatentClassRatio()(x, y).double().numpy()
    for i in range(9):
        # Rows are x, columns are y.
        pairs = np.hstack([np.repeat(values[i : i + 1, :2], 9, axis=0), values[:, 2:]])
        np.testing.assert_allclose(scores[i], dependence.log_ratios(pairs), atol=1e-5)


def test_a_table_without_dependence_says_nothing() -> None:
    dependence = random_dependence()
    table = np.outer(dependence.table.sum(axis=1), dependence.table.sum(axis=0))
    independent = LatentClassDependence(dependence.x_classes, dependence.y_classes, table)
    values = np.random.default_rng(1).normal(size=(40, 5))
    np.testing.assert_allclose(independent.log_ratios(values), 0, atol=1e-12)


def test_classes_that_values_tell_share_what_their_table_does() -> None:
    classes = SideClasses(np.array([[-9.0], [9.0]]), np.ones((2, 1)), as_it_is)
    table = np.array([[0.4, 0.1], [0.1, 0.4]])
    dependence = LatentClassDependence(classes, classes, table)
    values = np.array([[-9.0, -9.0], [-9.0, 9.0], [9.0, -9.0], [9.0, 9.0]])
    expected = np.log(table.flatten() / 0.25)
    np.testing.assert_allclose(dependence.log_ratios(values), expected, atol=1e-9)


def test_values_beyond_all_classes_are_scored_and_not_undefined() -> None:
    far = np.array([[1e100, -1e100, 0.0, 1e100, 1.0], [-1e100, 0.0, 1e100, -1e100, 5.0]])
    dependence = random_dependence()
    x, y = (torch.from_numpy(side).float() for side in dependence.sides(far))
    assert LatentClassRatio()(x, y).isfinite().all()


def test_dependences_score_side_by_side_without_parameters() -> None:
    dependences = [random_dependence(3, number) for number in (2, 5)]
    values = np.random.default_rng(1).normal(size=(10, 5))
    critic = LatentClassRatio()
    assert not list(critic.parameters())
    sides = [
        [torch.from_numpy(side).float() for side in each.sides(values, 5)] for each in dependences
    ]
    x, y = (torch.stack(side) for side in zip(*sides, strict=True))
    together = critic(x, y)
    for scores, dependence in zip(together, dependences, strict=True):
        np.testing.assert_allclose(scores.diagonal(), dependence.log_ratios(values), atol=1e-5)
    torch.testing.assert_close(torch.func.vmap(critic)(x, y), together)


def test_fewer_classes_than_y_has_are_refused() -> None:
    with pytest.raises(UserError, match="classes is 3, and y has 4: give at least that"):
        random_dependence().sides(np.zeros((1, 5)), 3)
