"""The table of methods: each is one object that tells its name, what it is and what it gives."""

import numpy as np
import pytest

from infomax.bounds import BOUNDS, DENSITY_BOUNDS
from infomax.errors import UserError
from infomax.estimation import METHODS, estimate_mi
from infomax.estimation.methods import find_method


def test_every_method_has_its_name_and_a_description_of_one_line() -> None:
    assert len(METHODS) == len(set(METHODS)) == len(list(METHODS.values()))
    for name, method in METHODS.items():
        assert method.name == name
        assert method.description
        assert "\n" not in method.description
        assert method.kind in {None, "lower bound", "upper bound", "neither"}
        assert f"name={name!r}" in repr(method)
        assert "function" not in repr(method)


def test_every_bound_is_a_method_of_its_kind() -> None:
    for name, make in {**BOUNDS, **DENSITY_BOUNDS}.items():
        assert METHODS[name].kind == make().kind


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize("name", ["ksg-1", "mixed-ksg", "gaussian", "histogram", "nwj"])
def test_the_result_is_of_the_method_and_kind_that_the_table_tells(name: str) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 100))
    result = estimate_mi(x, y, name, permutations=0)
    assert (result.method, result.kind) == (name, METHODS[name].kind)


@pytest.mark.parametrize("name", ["ksg", ["ksg-1"], None])
def test_what_is_no_method_is_told_with_all_that_are(name: object) -> None:
    with pytest.raises(UserError, match=r"^unknown method .*choose one of auto, ksg-1"):
        find_method(name)  # type: ignore[arg-type]
