"""What counts as codes."""

import pytest
import torch

from infomax.encoders import check_codes
from infomax.errors import UserError


def test_one_row_for_each_view_is_returned_as_it_is() -> None:
    codes = torch.zeros(5, 3)
    assert check_codes(codes, 5) is codes


def test_codes_of_more_dimensions_are_to_be_flattened() -> None:
    with pytest.raises(UserError) as refused:
        check_codes(torch.zeros(5, 3, 2), 5)
    assert str(refused.value) == (
        "encoder gives codes of shape (5, 3, 2), expected (5, d): one row for each view; "
        "end it with .flatten(1)"
    )


def test_single_numbers_are_to_become_rows() -> None:
    with pytest.raises(UserError, match=r"\(5,\), expected \(5, d\).* with \.unsqueeze\(1\)$"):
        check_codes(torch.zeros(5), 5)


@pytest.mark.parametrize("shape", [(4, 3), (1, 5, 3), (), (15,)])
def test_views_that_were_mixed_are_to_be_kept_apart(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"expected \(5, d\).* keep views apart"):
        check_codes(torch.zeros(shape), 5)


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(UserError, match=r"gives tuple, expected a tensor \(5, d\)"):
        check_codes((torch.zeros(5, 3), torch.zeros(5, 3)), 5)
