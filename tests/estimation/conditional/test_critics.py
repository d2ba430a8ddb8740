import warnings

import numpy as np
import pytest

from infomax import estimate_mi
from infomax.warnings import EstimationWarning


@pytest.mark.slow
def test_the_difference_of_bounds_is_near_what_is_shared_beyond_the_condition() -> None:
    generator = np.random.default_rng(0)
    z = generator.standard_normal((2000, 3))
    x = z + generator.standard_normal((2000, 3))
    # Whether x and y agree turns with the condition: no copula has that.
    turned = np.sign(z[:, :1]) * (x - z)
    y = 0.7 * turned + 0.714 * generator.standard_normal((2000, 3)) + z**2
    truth = -1.5 * np.log(1 - 0.49)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        result = estimate_mi(x, y, given=z, permutations=99)
    assert result.method == "infonce-symmetric"
    assert "no elliptical copula" in result.reason
    assert "I(X; Y, Z) - I(X; Z)" in result.reason
    assert result.kind == "neither"
    assert result.p_value == 0.01
    # Read too low from so few rows, and said to be.
    assert truth / 2 < result.value < truth + 0.1
    assert any("too low" in str(each) for each in result.warnings)
    assert result.value in result.interval
    assert truth in result.interval
