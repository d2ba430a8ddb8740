"""Estimates where the truth is known, as records."""

import pytest

from infomax.distributions import BENCHMARK_TASKS, DISTRIBUTIONS
from infomax.errors import UserError
from infomax.estimation import MIResult, estimate_mi
from infomax.estimation.benchmark import Benchmark, benchmark_records, draw_pairs, measure


def test_by_default_the_tasks_are_those_of_bmi() -> None:
    assert Benchmark().tasks == BENCHMARK_TASKS
    assert len(Benchmark()) == 120


def test_every_method_sees_the_same_pairs_and_gives_its_own_estimate() -> None:
    benchmark = Benchmark(
        ("1v1-normal-0.75", "1v1-additive-0.75"), ("gaussian", "ksg-1"), samples=(300,), seeds=2
    )
    measured = list(measure(benchmark))
    assert len(measured) == len(benchmark) == 8
    for one in measured:
        assert one.truth == DISTRIBUTIONS[one.task].mutual_information
        assert isinstance(one.outcome, MIResult)
        alone = estimate_mi(*draw_pairs(one.task, 300, one.seed), one.method, random_state=one.seed)
        assert one.outcome.value == alone.value


def test_records_hold_truth_estimate_and_interval() -> None:
    measured = list(
        measure(Benchmark(("1v1-normal-0.75",), ("gaussian",), samples=(300,), seeds=1))
    )
    records = benchmark_records(measured)
    values = dict(zip(records["metric"], records["value"], strict=True))
    assert set(values) == {
        "mutual_information",
        "estimate",
        "estimate_low",
        "estimate_high",
        "p_value",
    }
    assert values["estimate_low"] < values["estimate"] < values["estimate_high"]
    assert values["mutual_information"] == DISTRIBUTIONS["1v1-normal-0.75"].mutual_information


def test_a_refusal_is_a_missing_estimate_and_not_a_lost_benchmark() -> None:
    tasks = ("multinormal-dense-5-5-0.5", "1v1-normal-0.75")
    measured = list(measure(Benchmark(tasks, ("histogram",), samples=(300,), seeds=1)))
    assert isinstance(measured[0].outcome, UserError)
    assert isinstance(measured[1].outcome, MIResult)
    records = benchmark_records(measured).query("metric == 'estimate'").set_index("dataset")
    assert records["value"].isna().to_dict() == {tasks[0]: True, tasks[1]: False}


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"tasks": ("1v1-norml",)}, "unknown task '1v1-norml'"),
        ({"methods": ("knn",)}, "unknown method 'knn'"),
        ({"tasks": ()}, "there is no task to measure"),
        ({"methods": ()}, "there is no method to measure"),
        ({"seeds": 0}, "seeds is 0"),
        ({"samples": (5000, 0)}, "samples is"),
        ({"samples": ()}, "samples is"),
    ],
)
def test_a_mistake_is_one_line(settings: dict[str, object], line: str) -> None:
    with pytest.raises(UserError, match=line):
        Benchmark(**settings)  # type: ignore[arg-type]
