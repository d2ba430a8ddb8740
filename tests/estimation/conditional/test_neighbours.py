import numpy as np
import pytest
from scipy.special import digamma

from infomax.estimation.arrays import Array
from infomax.estimation.conditional.neighbours import (
    conditional_points,
    frenzel_pompe_terms,
    mesner_shalizi_terms,
    mixed_conditional_terms,
)
from infomax.estimation.neighbours.space import LEVELS_APART
from infomax.estimation.samples import read_samples


def _distances(*sides: Array) -> Array:
    rows = np.hstack(sides)
    distances: Array = np.abs(rows[:, None] - rows[None]).max(axis=-1)
    return distances


def _naive(x: Array, y: Array, z: Array, neighbours: int, *, closed: bool) -> Array:
    """Count row by row, as the papers write it."""
    terms = []
    joint, xz, yz, of_z = (_distances(*sides) for sides in ((x, y, z), (x, z), (y, z), (z,)))
    for row in range(len(x)):
        others = np.arange(len(x)) != row
        radius = np.sort(joint[row][others])[neighbours - 1]
        counts = []
        for distances in (xz, yz, of_z):
            away = distances[row][others]
            counts.append((away <= radius).sum() if closed else (away < radius).sum() + 1)
        together = neighbours
        if closed and radius == 0:
            together = (joint[row][others] == 0).sum()
        terms.append(
            digamma(together) - digamma(counts[0]) - digamma(counts[1]) + digamma(counts[2])
        )
    return np.array(terms)


@pytest.mark.parametrize("columns", [1, 2])
def test_frenzel_and_pompe_count_as_the_paper_does(columns: int) -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 150, columns))
    found = frenzel_pompe_terms(x + z, y + x, z, neighbours=4)
    np.testing.assert_allclose(found, _naive(x + z, y + x, z, 4, closed=False))
    # Without levels or ties, mixed KSG 1 with a condition is the same.
    np.testing.assert_allclose(mixed_conditional_terms(x + z, y + x, z, neighbours=4), found)


def test_mesner_and_shalizi_count_as_the_paper_does() -> None:
    generator = np.random.default_rng(0)
    x: Array = generator.integers(2, size=(200, 1)).astype(np.float64)
    y: Array = x + generator.integers(2, size=(200, 1)).astype(np.float64)
    z = generator.standard_normal((200, 1)) * (generator.random((200, 1)) < 0.5)
    found = mesner_shalizi_terms(x, y, z, neighbours=4)
    np.testing.assert_allclose(found, _naive(x, y, z, 4, closed=True))


def test_of_levels_it_is_the_plug_in_value_of_digammas() -> None:
    x, y, z = np.random.default_rng(0).integers(3, size=(3, 400, 1))
    found = mixed_conditional_terms(*(LEVELS_APART * side for side in (x, y, z)), neighbours=3)
    of_all, of_xz, of_yz, of_z = (
        (_distances(*sides) == 0).sum(axis=1) for sides in ((x, y, z), (x, z), (y, z), (z,))
    )
    expected = digamma(of_all) + digamma(of_z) - digamma(of_xz) - digamma(of_yz)
    np.testing.assert_allclose(found, expected)


def test_what_the_condition_explains_is_no_error_of_the_estimate() -> None:
    # 1.164 nats: neighbours of the columns as they are find a sixth less.
    truth = -0.5 * np.log(1 - 0.95**2)
    errors: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(3):
        z, x, noise = np.random.default_rng(seed).standard_normal((3, 2000))
        y = z**2 + (0.95 * x + (1 - 0.95**2) ** 0.5 * noise) * np.exp(z / 2)
        samples = read_samples(2 * np.sin(2 * z) + x, y, given=z)
        for residuals, found in errors.items():
            points = conditional_points(samples, np.random.default_rng(0), residuals=residuals)
            found.append(float(mixed_conditional_terms(*points, neighbours=5).mean()) - truth)
    assert np.mean(np.abs(errors[True])) < 0.04
    assert np.mean(errors[False]) < -0.12


def test_rows_of_rare_levels_err_less_than_those_of_mesner_and_shalizi() -> None:
    errors = []
    for seed in range(5):
        generator = np.random.default_rng(seed)
        x, y = generator.integers(15, size=(2, 1000, 1)) * LEVELS_APART
        z = generator.standard_normal((1000, 1))
        errors.append(
            [
                float(terms(x, y, z, neighbours=5).mean())
                for terms in (mixed_conditional_terms, mesner_shalizi_terms)
            ]
        )
    ours, theirs = np.abs(errors).mean(axis=0)
    assert ours < theirs / 2
