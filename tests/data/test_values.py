"""What is missing, infinite or too large is found, and where; so are numbers that would merge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from infomax.data.values import as_float32, check_finite, check_float32_exact
from infomax.errors import UserError

FLOATS = hnp.arrays(
    np.float64, (4, 3), elements=st.sampled_from([0.0, 1.5, np.nan, np.inf, -np.inf, 1e39, -1e39])
)


@given(values=FLOATS)
def test_values_pass_that_float32_holds_and_no_others(values: NDArray[np.float64]) -> None:
    usable = np.abs(values) < 1e38
    if usable.all():
        np.testing.assert_array_equal(as_float32(values, "a"), values)
        return
    row, count = int((~usable).any(axis=1).argmax()), int((~usable).sum())
    told = f"a has {count} values? that (is|are) missing, infinite or too large, the first in row "
    with pytest.raises(UserError, match=rf"^{told}{row} \("):
        as_float32(values, "a")


def test_the_row_is_that_of_the_source_and_the_lowest() -> None:
    values = np.array([[0.0], [np.nan], [np.nan]], np.float32)
    with pytest.raises(UserError, match=r"first in row 4 \(counted from 0\): .* leave them out$"):
        check_finite(values, "a", indices=np.array([1, 9, 4]), leave_out="them")


@given(first=st.integers(-(2**62), 2**62), apart=st.integers(1, 2**10))
def test_whole_numbers_pass_that_stay_apart(first: int, apart: int) -> None:
    values = np.array([[first], [first + apart]])
    small = np.abs(values).max() <= 2**24
    if small or np.float32(first) != np.float32(first + apart):
        check_float32_exact(values, "a")
        return
    with pytest.raises(UserError, match="a holds whole numbers that floating point cannot tell"):
        check_float32_exact(values, "a")
