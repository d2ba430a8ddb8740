"""``infomax train --loss``: losses of codes by name, resumed to the bit, and what they lack."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load_file

from infomax.experiments.run import checked_settings
from infomax.experiments.run_folder import RunFolder
from infomax.losses import find_loss
from infomax.records import read_records
from tests.cli.conftest import Run

QUICK = ("--batch-size", "16", "--evaluate-every", "10", "--jacobian-images", "0")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = np.random.default_rng(0)
    x = drawn.standard_normal((200, 4))
    path = tmp_path_factory.mktemp("pairs") / "pairs.npz"
    classes = (x[:, 0] > 0).astype(int)
    np.savez(path, x=x, y=x + 0.3 * drawn.standard_normal((200, 4)), classes=classes)
    return path


@pytest.mark.parametrize("loss", ["nt-xent", "supcon", "byol", "moco", "dino"])
@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_is_trained_and_resumed_to_the_bit(
    loss: str, pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", "--loss", loss, *QUICK)
    # The momentum of a target that rises to 1 depends on the number of updates.
    labels = {
        "supcon": ("--labels", "classes"),
        "byol": ("--target-schedule", "constant"),
        "dino": ("--target-schedule", "constant"),
        "moco": ("--queue-size", 100),
    }.get(loss, ())
    for out, steps in (("whole", 20), ("begun", 10)):
        assert infomax(*train, *labels, "--steps", steps, "--out", tmp_path / out)[0] == 0
    again = ("train", "--resume", "--steps", 20, "--out", tmp_path / "begun")
    assert infomax(*again)[0] == 0
    name = "checkpoints/step-000000020.safetensors"
    whole, resumed = (load_file(tmp_path / out / name) for out in ("whole", "begun"))
    assert whole.keys() == resumed.keys()
    for key, value in whole.items():
        assert value.equal(resumed[key]), key
    records = [read_records(tmp_path / out / "records.parquet")[0] for out in ("whole", "begun")]
    pd.testing.assert_frame_equal(records[0], records[1])
    terms = {"loss_joint", *(("loss_marginal",) if find_loss(loss).has_marginal else ())}
    assert {each for each in records[0]["metric"] if each.startswith("loss_")} == terms
    if not find_loss(loss).has_marginal:
        return
    # A bound reads on held-out pairs how far the loss has come.
    bounds = records[0].query("split == 'test' and metric == 'bound'").sort_values("step")
    assert bounds["value"].iloc[-1] > bounds["value"].iloc[0]


@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_what_a_loss_needs_is_said_and_a_target_that_rises_is_of_its_number_of_updates(
    pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", "--loss", "byol", *QUICK)
    _, _, said = infomax(*train, "--steps", 4, "--out", tmp_path / "out")
    assert "the loss byol is trained with a predictor of 64 hidden units and a target netw" in said
    config = RunFolder(tmp_path / "out").config()
    assert (config.predictor, config.target_momentum, config.target_schedule) == (
        64,
        0.99,
        "cosine",
    )
    status, _, said = infomax("train", "--resume", "--steps", 8, "--out", tmp_path / "out")
    assert (status, "falls to 0 by update 4 (target_schedule), so" in said) == (2, True)


@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_parts_of_images_are_trained_on_and_resumed_to_the_bit(
    infomax: Run, tmp_path: Path
) -> None:
    views = ("--views", "augment", "--view-options", "local_crops=2", "--shared-encoder")
    train = ("train", "--data", "digits", *views, "--loss", "dino", *QUICK)
    for out, steps in (("whole", 4), ("begun", 2)):
        given = ("--target-schedule", "constant", "--steps", steps, "--out", tmp_path / out)
        assert infomax(*train, *given)[0] == 0
    assert infomax("train", "--resume", "--steps", 4, "--out", tmp_path / "begun")[0] == 0
    name = "checkpoints/step-000000004.safetensors"
    whole, resumed = (load_file(tmp_path / out / name) for out in ("whole", "begun"))
    for key, value in whole.items():
        assert value.equal(resumed[key]), key
    status, _, said = infomax(*train, "--loss", "byol", "--out", tmp_path / "refused")
    assert (status, "local_crops is 2, and the loss byol takes no views" in said) == (2, True)


def test_the_critic_is_the_losss_own_and_is_written_down(
    pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", "--loss", "nt-xent", *QUICK)
    options = ("--loss-options", "temperature=0.25", "--steps", 1, "--out", tmp_path / "out")
    assert infomax(*train, *options)[0] == 0
    config = RunFolder(tmp_path / "out").config()
    assert (config.critic, config.critic_options) == ("cosine", {"temperature": 0.25})
    assert (config.loss, config.loss_options) == ("nt-xent", {"temperature": 0.25})


def test_options_of_the_critic_that_are_given_go_before_the_losss_own() -> None:
    given = {"data": "digits", "loss": "nt-xent", "critic_options": {"temperature": 0.7}}
    config = checked_settings(given)
    assert (config.critic, config.critic_options) == ("cosine", {"temperature": 0.7})


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--loss", "supcon"), "the loss supcon needs a label for each pair, and there are none"),
        (("--loss", "nt-xent", "--predictor", "8"), "predictor is 8, and the loss nt-xent needs"),
        (("--loss", "byol", "--queue-size", "8"), "queue_size is 8, and the loss byol needs no"),
        (("--loss", "byol", "--target-momentum", "2"), "setting target_momentum is 2.0: input sho"),
        (("--loss", "simsiam", "--target-momentum", "0"), "target_momentum is 0.0, and the loss s"),
        (("--loss", "byol", "--target-schedule", "x"), "target_schedule is 'x': give constant or"),
        (("--loss", "moco", "--queue-size", "400"), "queue_size is 400, and 168 pairs are trained"),
        (("--queue-size", "8"), "queue_size is of a loss of codes, and none is named: give loss"),
        (("--loss", "nt-xnt"), "unknown loss 'nt-xnt': did you mean 'nt-xent'?"),
        (("--loss", "jmi", "--target", "2"), "target is 2.0, and the loss jmi is no information"),
        (("--loss", "jmi", "--tile-size", "4"), "the loss jmi is not computed in tiles"),
        (("--loss", "jmi", "--critic", "bilinear"), "the critic BilinearCritic has weights, whi"),
        (("--loss-options", "temperature=1"), "loss_options are options of a loss of codes, and"),
        (("--loss", "jmi", "--loss-options", "tau=1"), "unknown loss jmi option 'tau': choose"),
    ],
)
def test_what_does_not_fit_is_one_line_and_nothing_is_left(
    flags: tuple[str, ...], message: str, pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", "--steps", 1, *QUICK)
    status, _, said = infomax(*train, *flags, "--out", tmp_path / "out")
    assert (status, said.count("\n")) == (2, 1)
    assert message in said
    assert not (tmp_path / "out" / "run.json").exists()
