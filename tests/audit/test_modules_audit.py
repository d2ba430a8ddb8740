"""Modules as what is audited: by their path and from Python, with weights, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from infomax import audit_codes
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.check import Check
from infomax.audit.checks import geometry
from infomax.audit.modules_audit import audit_modules, read_modules
from infomax.data import ArraySource, ItemDataset
from infomax.errors import UserError
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.training import generator_for
from infomax.views import Halves

ITEMS = np.random.default_rng(0).random((120, 8, 8, 1), dtype=np.float32)
LABELS = np.arange(120) % 3
LINES = """
import torch
from torch import nn

class Network(nn.Module):
    def __init__(self, view_shape, generator):
        super().__init__()
        self.layer = nn.Linear(32, 5)
        self.drop = nn.Dropout()

    def forward(self, view):
        return self.drop(self.layer(view.flatten(1)))

class Halting(Network):
    def forward(self, view):
        if len(view) > 2 and view.max() > 0.9:
            raise ValueError("too bright")
        return super().forward(view)

one = Network((4, 8, 1), None)
number = 5
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "own_audited.py").write_text(LINES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    import sys  # noqa: PLC0415

    sys.modules.pop("own_audited", None)


def read(*encoders: str, weights: tuple[Path, ...] = ()) -> AuditedCodes:
    items = ItemDataset(ArraySource(ITEMS, "mine"), labels=LABELS, classes=("a", "b", "c"))
    pairs = ItemPairDataset(items, Halves(), torch.device("cpu"))
    return read_modules(encoders, items, pairs, weights=weights)


def saved(path: Path, encoder: nn.Module) -> Path:
    save_file(encoder.state_dict(), path)
    return path


def test_weights_are_those_of_the_file_and_the_untrained_are_without(tmp_path: Path) -> None:
    import own_audited  # type: ignore[import-not-found]  # noqa: PLC0415

    file = saved(tmp_path / "w.safetensors", own_audited.one)
    codes = read("own_audited:Network", weights=(file,))
    assert codes.raw is not None
    assert codes.labels is not None
    assert codes.places is not None
    layer = own_audited.one.layer
    for raw, code in zip(codes.raw, (codes.x, codes.y), strict=True):
        with torch.no_grad():
            assert torch.allclose(layer(raw.flatten(1)).double(), code)
    assert codes.untrained is not None
    assert not torch.allclose(codes.untrained[0], codes.x)
    assert len(codes) == len(codes.labels) == 120
    assert codes.encoders is not None
    assert codes.encoders.x is codes.encoders.y
    # Whatever makes an encoder may have loaded its weights: nothing is called untrained.
    assert read("own_audited:Network").untrained is None


def test_what_is_made_already_is_taken_as_it_is() -> None:
    import own_audited  # noqa: PLC0415

    codes = read("own_audited:one")
    assert codes.raw is not None
    with torch.no_grad():
        by_hand = own_audited.one.layer(codes.raw[0].flatten(1)).double()
    assert torch.allclose(by_hand, codes.x)
    assert "Nobody said which pairs" in codes.notes[-1]
    two = read("own_audited:one", "own_audited:Network")
    assert not torch.allclose(two.y, codes.y)


@pytest.mark.parametrize(
    ("encoders", "told"),
    [
        (("own_audited:number",), "name a function or a class"),
        (("own_audited:Netwrok",), "Network"),
        (("no_such_module:Network",), "cannot be imported"),
        (("own_audited:Halting",), r"encoder of x \(Halting\) does not encode .* too bright"),
        (("own_audited:one",) * 3, "that of both views, or that of x and of y"),
    ],
)
def test_an_encoder_that_fails_is_told_in_a_line(encoders: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        read(*encoders)
    assert "\n" not in str(raised.value)


def test_weights_that_do_not_fit_are_told_in_a_line(tmp_path: Path) -> None:
    other = saved(tmp_path / "other.safetensors", nn.Linear(32, 5))
    larger = saved(tmp_path / "larger.safetensors", nn.ModuleDict({"layer": nn.Linear(32, 6)}))
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no weights")
    for file, told in (
        (other, r"layer.weight is none, and the encoder's \(5, 32\), and 3 more are unlike"),
        (larger, r"layer.weight is \(6, 32\), and the encoder's \(5, 32\)"),
        (damaged, "cannot be read as weights"),
        (tmp_path / "w.pt", r"give a \.safetensors file"),
    ):
        with pytest.raises(UserError, match=told):
            read("own_audited:Network", weights=(file,))
    with pytest.raises(UserError, match="2 files of weights for 1 encoder"):
        read("own_audited:Network", weights=(other, other))


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # What checks say of codes is no matter of where these come from.
    check = Check(geometry.NAME, geometry.QUESTION, geometry.check_geometry)
    monkeypatch.setattr("infomax.audit.codes_audit.CHECKS", (check,))


def test_a_path_is_audited_on_data_by_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    found = audit_modules(["own_audited:one"], data="digits", views="halves")
    assert found.rows == {"own_audited:one": (1347, 1347)}
    assert "Audited are the 1,347 pairs that the data give to train on." in found.notes
    np.savez("two.npz", x=ITEMS[:, :4], y=ITEMS[:, 0])
    with pytest.raises(UserError, match="one encoder is for views of one shape"):
        audit_modules(["own_audited:one"], data="two.npz")


class Sum(nn.Module):
    def forward(self, view: Tensor) -> Tensor:
        return torch.stack([view.sum(dim=-1), view[:, 0]], dim=-1)


def test_modules_are_audited_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    x, y = torch.randn(2, 100, 4, generator=generator_for(0, "test"))
    given = {"mine": Sum(), "two": (Sum(), Sum()), "by hand": (Sum()(x), Sum()(y))}
    found = audit_codes(given, raw=(x, y))
    of_codes = [each for each in found.findings if each.check == geometry.NAME]
    one, two, by_hand = (each.measured["effective_rank_x"] for each in of_codes)
    assert [two, by_hand] == [pytest.approx(one), pytest.approx(one, rel=0.2)]
    with pytest.raises(UserError, match=r"give what these encode as raw=\(x, y\)"):
        audit_codes({"mine": Sum()})
    with pytest.raises(UserError, match="100 rows and there are 99 labels"):
        audit_codes({"mine": Sum()}, raw=(x, y), labels=np.arange(99) % 2)
