import numpy as np

from infomax.estimation.columns import Column
from infomax.estimation.conditional.residuals import features_of_condition, residual_scores


def test_place_and_scale_are_taken_off_and_the_better_form_is_kept() -> None:
    z, noise = np.random.default_rng(0).standard_normal((2, 2000))
    features = features_of_condition([Column("z0", z, discrete=False)])
    column = np.sin(3 * z) + np.exp(z / 2) * noise
    left = residual_scores([[np.exp(column), column]], features)[:, 0]
    assert np.corrcoef(left, noise)[0, 1] > 0.98
    assert abs(np.corrcoef(np.abs(left), z)[0, 1]) < 0.1


def test_there_are_as_many_functions_as_rows_permit() -> None:
    generator = np.random.default_rng(0)
    for rows, most in ((30, 1), (200, 10), (2000, 100)):
        columns = [
            Column("z0", generator.standard_normal(rows), discrete=False),
            Column("z1", generator.integers(3, size=rows).astype(float), discrete=True),
        ]
        features = features_of_condition(columns)
        assert 1 <= features.shape[1] <= most
        assert np.isfinite(features).all()


def test_place_and_scale_of_some_rows_are_fitted_without_the_others() -> None:
    z, noise = np.random.default_rng(0).standard_normal((2, 400))
    features = features_of_condition([Column("z0", z, discrete=False)])
    fitted = np.arange(300)
    plain = residual_scores([[z + noise]], features, fitted)
    noise[300:] += 5
    moved = residual_scores([[z + noise]], features, fitted)
    np.testing.assert_array_equal(plain[:300], moved[:300])
