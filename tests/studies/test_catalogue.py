"""The catalogue: studies by name, with presets that tell all that they change."""

from pathlib import Path

import pytest

from infomax.encoders import RealNVPEncoder
from infomax.errors import UserError
from infomax.experiments.build import ModelConfig, build_model
from infomax.studies.catalogue import STUDIES, find_study
from infomax.studies.departures import departures
from infomax.studies.reproduction import Reproduction


@pytest.mark.parametrize("name", STUDIES)
def test_quick_has_the_seeds_that_a_verdict_needs_and_tells_each_change(name: str) -> None:
    paper = STUDIES[name].full
    quick = STUDIES[name].at("quick")
    assert len(quick.seeds) >= 3
    told = departures(quick, paper)
    ours, theirs = quick.model_dump(), paper.model_dump()
    assert len(told) == sum(ours[setting] != theirs[setting] for setting in ours)


def test_narrower_flows_on_smaller_digits_are_told_with_what_the_paper_has() -> None:
    quick = STUDIES["bijective"].at("quick")
    told = departures(quick, STUDIES["bijective"].full)
    flow = "options of the encoder: here hidden sizes 128, 128; in the paper hidden sizes 512, 512"
    assert flow in told
    assert "data set: here mnist-14; in the paper MNIST and CIFAR-10" in told


def test_encoders_are_made_with_the_options_of_the_study() -> None:
    quick = STUDIES["bijective"].at("quick")
    first = next(quick.configurations())
    config = ModelConfig(first.encoder, first.critic, encoder_options=quick.encoder_options)
    model = build_model(config, ((7, 14, 1), (7, 14, 1)))
    for encoder in (model.x_encoder, model.y_encoder):
        assert isinstance(encoder, RealNVPEncoder)
        widths = {each.out_features for each in encoder.modules() if hasattr(each, "out_features")}
        assert widths == {128, 49}


def test_settings_with_options_are_read_back_as_they_were(tmp_path: Path) -> None:
    studies = tuple(entry.at("quick") for entry in STUDIES.values())
    reproduction = Reproduction(preset="quick", device="cpu", studies=studies)
    reproduction.write(tmp_path / "settings.json")
    read = Reproduction.read(tmp_path / "settings.json")
    assert read == reproduction
    assert reproduction.differences(read) == []


def test_studies_are_found_by_name_and_by_figure() -> None:
    assert find_study("fig4ab") is find_study("matched-bound")
    with pytest.raises(UserError, match=r"unknown study 'fig9'.*critics \(fig3\)"):
        find_study("fig9")


def test_an_unknown_preset_names_the_choices() -> None:
    with pytest.raises(UserError, match="choose one of quick, full"):
        STUDIES["critics"].at("fast")
