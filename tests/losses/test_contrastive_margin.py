"""The contrastive loss with margins against a loop over pairs."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.losses import contrastive_margin
from tests.losses.drawn_codes import distance, drawn, drawn_labels


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 8),
    classes=st.integers(1, 4),
    power=st.sampled_from([1, 2]),
)
def test_agrees_with_a_loop_over_pairs(seed: int, number: int, classes: int, power: int) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    pull, push = [], []
    for i in range(number):
        for j in range(number):
            apart = distance(codes[i], codes[j])
            if i != j and labels[i] == labels[j]:
                pull.append(max(0, apart - 0.3) ** power / power)
            elif i != j:
                push.append(max(0, 1.2 - apart) ** power / power)
    terms = contrastive_margin(codes, labels, positive_margin=0.3, negative_margin=1.2, power=power)
    for term, values in ((terms.joint, pull), (terms.marginal, push)):
        assert term.value.item() == pytest.approx(sum(values) / max(len(values), 1), abs=1e-12)


def test_agrees_with_finite_differences() -> None:
    codes, labels = drawn(0, 5, 3).requires_grad_(), torch.tensor([0, 0, 1, 1, 2])
    assert torch.autograd.gradcheck(lambda each: contrastive_margin(each, labels).total, codes)


def test_codes_that_coincide_get_a_finite_gradient() -> None:
    codes = torch.ones(4, 3, requires_grad=True)
    contrastive_margin(codes, torch.tensor([0, 0, 1, 1])).total.backward()
    assert codes.grad is not None
    assert codes.grad.isfinite().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negative_margin": 0.0}, r"^negative_margin is 0\.0: give a number above 0$"),
        ({"positive_margin": 1.0}, r"^positive_margin is 1\.0: .* below the negative_margin, 1"),
        ({"power": 3}, r"^power is 3: give 1 or 2$"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        contrastive_margin(torch.ones(2, 2), torch.tensor([0, 1]), **options)  # type: ignore[arg-type]
