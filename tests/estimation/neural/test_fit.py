"""The training of refits: what is told of its course."""

import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.estimation.neural.course import train_until_settled
from infomax.training import Objective, OptimizerConfig, PairTraining, SeparateBatches


class Scale(nn.Module):
    """Scores pairs by their product, so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.times = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.times * x @ y.mT


def test_a_course_has_the_values_of_all_validations_and_the_means_between_them() -> None:
    x = torch.randn(2, 40, 1, generator=torch.Generator().manual_seed(0))
    training = PairTraining(
        [Scale(), Scale()],
        SeparateBatches(x, x.clone(), 20, [torch.Generator().manual_seed(seed) for seed in (0, 1)]),
        Objective(BOUNDS["infonce"]()),
        optimizer=OptimizerConfig(0.01),
    )
    values = {0: [0.0, 4.0], 2: [1.0, 2.0], 4: [0.0, 3.0], 5: [0.0, 3.0]}
    course = train_until_settled(
        training,
        lambda step: torch.tensor(values[step]),
        most_steps=5,
        evaluate_every=2,
        patience=2,
    )
    curve = training.training_curve()
    assert course.steps == [0, 2, 4, 5]
    assert course.validation.tolist() == list(values.values())
    assert course.train[0].isnan().all()
    assert course.gain == (1.0 + 0.0) / 2
    torch.testing.assert_close(
        course.train[1:],
        torch.stack([curve[0:2].mean(dim=0), curve[2:4].mean(dim=0), curve[4:5].mean(dim=0)]),
    )
