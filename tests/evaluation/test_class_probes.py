"""Both probes, and labels that nothing can be learnt from."""

import numpy as np
import pytest
import torch

from infomax.errors import UserError
from infomax.evaluation import accuracy_of, check_probed_labels, probe_classes


def test_collapsed_codes_are_at_the_share_of_the_commonest_class() -> None:
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    codes = torch.full((60, 4), 0.1)
    found = probe_classes(codes, labels, codes, labels, seed=0)
    assert found.linear.value == found.majority_share == 0.5
    assert found.linear.balanced == pytest.approx(1 / 3)
    assert found.linear.low < 0.5 < found.linear.high
    assert (found.linear_labels == 0).all()
    assert accuracy_of(found.neighbours_labels, labels) == found.neighbours


def test_classes_of_one_row_and_classes_never_seen_are_no_reason_to_refuse() -> None:
    codes, labels = torch.eye(4).repeat(4, 1)[:14], (np.arange(16) % 4)[:14]
    labels[-1] = 9
    found = probe_classes(codes, labels, torch.eye(4), np.array([0, 1, 2, 77]), seed=0)
    assert found.linear.value == 0.75


def test_fewer_than_two_classes_of_two_rows_are_refused() -> None:
    with pytest.raises(UserError, match="hold 4 classes, of which 1 have two rows"):
        check_probed_labels(np.array([0, 0, 1, 2, 3]))
    check_probed_labels(np.array([0, 0, 1, 1, 3]))
