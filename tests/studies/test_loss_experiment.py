"""Every recipe of both studies trains, is measured, and goes on where it was."""

import math
from typing import Any

import pytest
import torch

from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob
from infomax.studies.loss_experiment import LossExperiment, check_recipes
from infomax.studies.run_job import JobContext
from infomax.studies.self_supervision import NAMED_METHODS, PROTOTYPES
from infomax.studies.study import LossStudy, Recipe

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    **{"datasets": ("digits",), "encoders": ("mlp",), "batch_size": 64, "steps": 4},
    **{"seeds": (0,), "probed_images": 200, "held_out_pairs": 100, "read_pairs": 128},
    **{"head_sizes": (16,), "projection": 8, "encoder_options": {"layer_sizes": (16, 8)}},
}


def study(name: str = "self-supervision", **changes: Any) -> LossStudy:
    made = STUDIES[name].full.model_copy(update={**SMALL, "also_measured": (), **changes})
    assert isinstance(made, LossStudy)
    return made


def experiment(of: LossStudy, loss: str, context: JobContext | None = None) -> LossExperiment:
    (configuration,) = [each for each in of.configurations() if each.loss == loss]
    made = (context or JobContext(CPU)).experiment(TrainingJob(of, configuration, of.seeds))
    assert isinstance(made, LossExperiment)
    return made


@pytest.fixture(scope="module")
def context() -> JobContext:
    asked = study().image_views("digits")
    halves = study(views="halves").image_views("digits")
    return JobContext(CPU, {each: ImagePairs.of(each, CPU) for each in (asked, halves)})


CASES = [
    (name, loss)
    for name in ("self-supervision", "ssl-ablations")
    for loss in getattr(STUDIES[name].full, "losses", ())
]


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_every_recipe_trains_and_is_measured(context: JobContext, name: str, loss: str) -> None:
    of = study(name, also_measured=("gradients", "retrieval"))
    recipes = {
        **of.recipes,
        "moco": Recipe(loss="moco", queue_size=100),
    }
    made = experiment(of.model_copy(update={"recipes": recipes}), loss, context)
    for _ in range(3):
        assert made.training.update().loss.isfinite().all()
    with torch.no_grad():
        found = {each.metric: each.value for each in made.evaluate(0, 3)}
    assert all(math.isfinite(value) for value in found.values())
    assert {"probe_accuracy", "cos_dv", "spread", "partner_recall_at_1_x_to_y"} <= found.keys()
    assert ("joint_term" in found) is (loss != "learnt-critic")
    assert ("marginal_agreement" in found) is any(
        loss.startswith(each) for each in ("byol", "simsiam", "predictor")
    )


def test_the_seven_methods_and_both_prototypes_are_there() -> None:
    assert study().losses == (*NAMED_METHODS, *PROTOTYPES)
    assert len(NAMED_METHODS) == 7


@pytest.mark.parametrize("views", ["augment", "halves"])
def test_batches_go_on_where_they_were(context: JobContext, views: str) -> None:
    of = study(views=views)
    first, second = (experiment(of, "jmi", context).training for _ in range(2))
    for _ in range(2):
        first.update()
    second.restore(first.state())
    for _ in range(2):
        assert torch.equal(first.update().loss, second.update().loss)


def test_views_of_a_batch_are_two_parts_of_each_image_and_new_ones_each_time(
    context: JobContext,
) -> None:
    made = experiment(study(), "jmi", context)
    (x, y), (again, _) = made._batches().draw(), made._batches().draw()
    assert x.shape == (1, 64, 64)
    assert not torch.equal(x, y)
    # The same seed draws the same batch, and the same parts of it.
    assert torch.equal(x, again)


def test_held_out_pairs_are_the_same_at_every_evaluation(context: JobContext) -> None:
    made = experiment(study(), "jmi", context)
    one, other = made._held_out(0), made._held_out(0)
    assert torch.equal(one.x, other.x)
    assert torch.equal(one.y, other.y)
    assert not torch.equal(one.x, made._held_out(1).x)


def test_what_a_recipe_cannot_be_is_told_in_one_line() -> None:
    unknown = study(losses=("nt-xnet",))
    with pytest.raises(UserError, match="unknown loss 'nt-xnet': did you mean 'nt-xent'"):
        check_recipes(unknown, (8, 8, 1))
    needless = study(losses=("a",), recipes={"a": Recipe(loss="nt-xent", predictor=8)})
    with pytest.raises(UserError, match="needs no predictor: leave it out"):
        check_recipes(needless, (8, 8, 1))
