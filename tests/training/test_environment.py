"""The device that is trained on, and what a report says of the machine."""

import platform

import pytest
import torch

from infomax.errors import UserError
from infomax.training.environment import choose_device, describe_environment


def test_a_device_is_taken_by_its_name_and_the_gpu_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert choose_device("cpu") == torch.device("cpu")
    for is_there, chosen in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr("torch.cuda.is_available", lambda is_there=is_there: is_there)
        assert choose_device("auto") == torch.device(chosen)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("meta", "^device 'meta' holds no numbers: give auto, cpu or cuda$"),
        ("gpu", "^device 'gpu' cannot be used here: [^\n]+$"),
    ],
)
def test_a_device_that_cannot_train_is_refused_in_a_line(name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        choose_device(name)


def test_a_report_names_versions_machine_and_command() -> None:
    told = describe_environment(torch.device("cpu"), "infomax train x.npy")
    assert told["command"] == "infomax train x.npy"
    assert told["python"] == platform.python_version()
    assert torch.__version__.startswith(str(told["torch"]).partition("+")[0])
    assert told["threads"] == torch.get_num_threads()
    assert str(told["device"]).startswith("cpu (")
    assert told["device"] != "cpu ()"
