"""What critics of quarters and halves of the pairs read, beside those of all."""

import numpy as np
import pytest
import torch

from infomax.estimation import estimate_mi
from infomax.estimation.arrays import Array
from infomax.estimation.neural import sample_size
from infomax.estimation.neural.beginnings import best_beginning
from infomax.estimation.neural.estimate import fit_bound
from infomax.estimation.neural.sample_size import curve_of_critics
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask
from infomax.warnings import SampleSizeWarning


def waves(size: int) -> tuple[Array, Array]:
    """Draw 2 + 2 columns that share 4 nats by fast waves, which take many pairs to learn."""
    generator = np.random.default_rng(0)
    x = generator.uniform(-2, 2, (size, 2))
    x[:, 1] = 0.5 * x[:, 0] + 0.5 * x[:, 1]  # no independent blocks
    return x, np.sin(6 * x) + 0.1 * generator.standard_normal((size, 2))


def signs(size: int) -> tuple[Array, Array]:
    """Draw 2 + 2 columns of a mixture that two components hold whole."""
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, size, 2))
    return x, np.where(generator.random((size, 1)) < 0.5, x, -x) + 0.5 * noise


def test_critics_that_read_more_with_more_pairs_say_so() -> None:
    with pytest.warns(SampleSizeWarning, match="a critic by itself still reads more"):
        result = estimate_mi(*waves(2400), permutations=19)
    assert result.kind == "lower bound"
    assert result.curve["pairs"].tolist() == [360, 720, 1440]
    assert result.curve["value"].is_monotonic_increasing
    assert result.as_dict()["curve"][0]["pairs"] == 360
    assert result.plot().axes[-1].get_title() == "does it still rise with more pairs?"


def test_critics_that_began_as_what_is_true_do_not_rise() -> None:
    result = estimate_mi(*signs(2400), permutations=19)
    assert result.method == "infonce-symmetric"
    assert len(result.curve) == 3
    assert not any(isinstance(each, SampleSizeWarning) for each in result.warnings)


def test_what_all_pairs_do_not_bear_out_is_not_trained_on_fewer() -> None:
    task = EstimationTask(read_samples(*signs(1700)), EstimationSettings())
    fit = fit_bound("infonce-symmetric", task)
    assert fit.borne_out == (False, False)
    of_fewer = fit_bound("infonce-symmetric", task, like=fit)
    assert of_fewer.course.steps == [0]
    closed = best_beginning(fit.beginnings)
    torch.testing.assert_close(of_fewer.validation_scores, closed.validation_scores)
    assert of_fewer.value == pytest.approx(fit.value, abs=0.05)


def test_smaller_fits_share_no_pairs_and_none_is_made_of_too_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = EstimationTask(read_samples(*signs(1700)), EstimationSettings())
    fit = fit_bound("infonce-symmetric", task)
    seen = []

    def spied(*arguments, **named):  # type: ignore[no-untyped-def]
        seen.append(named["split"])
        return fit

    monkeypatch.setattr(sample_size, "fit_bound", spied)
    curve = curve_of_critics(fit, task)
    assert curve is not None
    for split, size in zip(seen, (255, 510), strict=True):
        first, second = split.refits
        assert len(first.train) == len(second.train) == size
        assert not set(first.train) & set(second.train)
        assert set(first.train) <= set(task.split.refits[0].train)
        np.testing.assert_array_equal(split.test, task.split.test)
    few = EstimationTask(read_samples(*signs(1600)), EstimationSettings())
    assert curve_of_critics(fit, few) is None
    in_time = EstimationTask(read_samples(*signs(1700)), EstimationSettings(in_time=True))
    assert curve_of_critics(fit, in_time) is None
