import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.estimation.conditional.copula import ConditionalEllipse, fit_conditional
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.copula.fits import fit_elliptical_copula, fit_gaussian
from infomax.estimation.copula.margins import StandardScores


def _model(seed: int, x_size: int, y_size: int, z_size: int, degrees: float) -> ConditionalEllipse:
    size = x_size + y_size + z_size
    factors = np.random.default_rng(seed).standard_normal((size, size + 1))
    scatter = factors @ factors.T
    deviations = np.sqrt(np.diag(scatter))
    correlation = scatter / np.outer(deviations, deviations)
    margins = StandardScores(np.random.default_rng(0).standard_normal((9, size)))
    return ConditionalEllipse(EllipticalDependence(correlation, degrees, x_size, margins), y_size)


def _information(model: ConditionalEllipse, columns: list[int], x_size: int) -> float:
    both = model.both
    return EllipticalDependence(
        both.correlation[np.ix_(columns, columns)], both.degrees_of_freedom, x_size, both.margins
    ).mutual_information


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.tuples(*[st.integers(1, 3)] * 3),
    degrees=st.sampled_from([1.0, 4.0, np.inf]),
)
def test_the_chain_rule_holds(seed: int, sizes: tuple[int, int, int], degrees: float) -> None:
    x_size, y_size, _ = sizes
    model = _model(seed, *sizes, degrees)
    x, z = list(range(x_size)), list(range(x_size + y_size, sum(sizes)))
    both = _information(model, list(range(sum(sizes))), x_size)
    of_z = _information(model, x + z, x_size)
    assert of_z + model.mutual_information == pytest.approx(both, abs=1e-9)
    assert model.mutual_information > -1e-9


def test_of_one_column_each_it_is_that_of_the_partial_correlation() -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 500, 1))
    x, y = x + z, y + x - z
    z -= z.mean()
    left = [side - side.mean() - z * float((side * z).sum() / (z * z).sum()) for side in (x, y)]
    partial = np.corrcoef(left[0][:, 0], left[1][:, 0])[0, 1]
    found = fit_conditional(fit_gaussian, x, y, z).mutual_information
    assert found == pytest.approx(-0.5 * np.log(1 - partial**2), abs=1e-4)


@pytest.mark.parametrize("degrees", [3.0, np.inf])
def test_the_mean_log_ratio_of_its_own_samples_is_its_information(degrees: float) -> None:
    model = _model(1, 2, 1, 2, degrees)
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((40_000, 5)) @ np.linalg.cholesky(model.both.correlation).T
    if np.isfinite(degrees):
        rows /= np.sqrt(generator.chisquare(degrees, (len(rows), 1)) / degrees)
    as_drawn = ConditionalEllipse(
        EllipticalDependence(model.both.correlation, degrees, 2, lambda values: values), 1
    )
    ratios = as_drawn.log_ratios(rows)
    error = ratios.std() / np.sqrt(len(ratios))
    assert abs(ratios.mean() - model.mutual_information) < 4 * error


def test_a_fit_is_the_same_behind_increasing_maps() -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 400, 1))
    plain = fit_conditional(fit_elliptical_copula, x + z, y + x, z).mutual_information
    bent = fit_conditional(fit_elliptical_copula, np.exp(x + z), (y + x) ** 3, np.tanh(z))
    assert bent.mutual_information == pytest.approx(plain, abs=1e-12)
