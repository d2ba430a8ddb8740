"""Groups of features as views."""

import pytest
import torch

from infomax.errors import UserError
from infomax.views import FeatureGroups


def test_each_view_has_its_features_in_the_order_named() -> None:
    items = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    groups = FeatureGroups(x=(4, 1), y=(0, 2, 5))
    x, y = groups(items, torch.Generator())
    assert groups.shapes((6,)) == ((2,), (3,))
    assert [x[:, 0].tolist(), x[:, 1].tolist()] == [items[:, 4].tolist(), items[:, 1].tolist()]
    assert torch.equal(y, torch.stack((items[:, 0], items[:, 2], items[:, 5]), dim=1))
    assert all(map(torch.equal, groups.clean(items), (x, y)))


def test_the_other_features_are_y_unless_they_are_named() -> None:
    _, y = FeatureGroups(x=(1,))(torch.tensor([[7.0, 8.0, 9.0]]), torch.Generator())
    assert y.tolist() == [[7.0, 9.0]]


@pytest.mark.parametrize(("shape", "kind"), [((4, 1), "series"), ((2, 2, 1), "images")])
def test_items_of_more_axes_are_refused(shape: tuple[int, ...], kind: str) -> None:
    with pytest.raises(UserError, match=f"one axis: {kind} are"):
        FeatureGroups(x=(0,)).shapes(shape)


def test_overlapping_groups_are_refused() -> None:
    with pytest.raises(UserError, match=r"both take features \[1\]"):
        FeatureGroups(x=(0, 1), y=(1, 2)).shapes((3,))
