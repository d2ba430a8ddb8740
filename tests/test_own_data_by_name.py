"""An encoder, views, a data set, a table format of one's own, used by name like those here."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from infomax import InfoMax
from infomax.data import DATASETS, ImageDataset, MeasuredTable, load_dataset, open_data
from infomax.data.tables import TABLE_FORMATS
from infomax.data.text_tables import TextFormat
from infomax.distributions import DISTRIBUTIONS, CorrelatedGaussian
from infomax.encoders import ENCODERS, Encoder, ViewShape
from infomax.errors import UserError
from infomax.records import read_records
from infomax.studies.catalogue import STUDIES
from infomax.views import VIEWS
from tests.cli.conftest import Run
from tests.cli.conftest import infomax as infomax  # noqa: PLC0414 - a fixture


class FirstValues(Encoder):
    """Scales the first values of a view."""

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        code_size: int = 4,
    ) -> None:
        super().__init__()
        self.view_shape, self.code_size = view_shape, code_size
        self.scale = nn.Parameter(torch.randn(code_size, generator=generator))

    def forward(self, view: Tensor) -> Tensor:
        return view.flatten(1)[:, 8 : 8 + self.code_size] * self.scale


@dataclass(frozen=True)
class Shifted:
    """Views that are the whole item, and the item moved."""

    by: float = 1.0

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return item_shape, item_shape

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        return items, items + self.by

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        return items, items + self.by


def jittered(
    items: Tensor, generator: torch.Generator, *, by: float = 0.1
) -> tuple[Tensor, Tensor]:
    """Views that are the item and a copy that is moved at random."""
    return items, items + by * torch.rand(items.shape, generator=generator)


def load_few_digits() -> ImageDataset:
    """Load a few digits, 8x8 grey."""
    digits = load_dataset("digits")
    return replace(
        digits,
        name="few-digits",
        train_images=digits.train_images[:300],
        train_labels=digits.train_labels[:300],
    )


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENCODERS, "first-values", FirstValues)
    monkeypatch.setitem(VIEWS, "shifted", Shifted)
    monkeypatch.setitem(VIEWS, "jittered", jittered)
    monkeypatch.setitem(DATASETS, "few-digits", load_few_digits)
    strong = CorrelatedGaussian("strong", covariance=((1.0, 0.9), (0.9, 1.0)))
    monkeypatch.setitem(DISTRIBUTIONS, "strong", strong)
    # Processes of their own would know what is registered here only if they were told.
    monkeypatch.setattr("infomax.studies.reproduce.processes_of_this_machine", lambda: 1)


@pytest.mark.parametrize("views", ["shifted", "jittered"])
def test_a_run_takes_their_names(infomax: Run, tmp_path: Path, views: str) -> None:
    out = tmp_path / "run"
    flags = ("--view-options", "by=0.5", "--encoder-options", "code_size=6", "--steps", 20)
    parts = ("--data", "few-digits", "--views", views, "--encoder", "first-values")
    status, _, said = infomax("train", *parts, *flags, "--batch-size", 16, "--out", out)
    assert (status, said) == (0, said)
    history, metadata = read_records(out / "records.parquet")
    assert metadata["settings"]["view_options"] == {"by": 0.5}
    assert {"bound", "probe_accuracy"} <= set(history["metric"])
    codes = tmp_path / "codes.npy"
    status, _, said = infomax("encode", out, "few-digits", "--out", codes)
    assert (status, said) == (0, said)
    assert np.load(codes).shape == (300, 6)


def test_an_estimator_takes_their_names() -> None:
    images = load_few_digits().train_images / 16
    options: dict[str, Any] = {"encoder_options": {"code_size": 5}, "view_options": {"by": 0.2}}
    model = InfoMax("first-values", views="shifted", steps=10, batch_size=16, **options)
    assert model.fit_transform(images).shape == (300, 5)


def test_studies_take_their_names(
    infomax: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, changed in (
        ("critics", {"encoders": ("first-values",), "datasets": ("few-digits",)}),
        ("non-iid", {"datasets": ("strong",)}),
    ):
        entry = STUDIES[name]
        update = {"bounds": ("infonce",), "critics": ("bilinear",), **changed}
        paper = entry.full.model_copy(update=update)
        monkeypatch.setitem(STUDIES, name, replace(entry, full=paper))
        flags = ("--steps", 20, "--seeds", 1, "--out", tmp_path / name)
        status, _, said = infomax("reproduce", name, *flags)
        assert (status, said) == (0, said)
        records, _ = read_records(tmp_path / name / "records.parquet")
        assert set(records["dataset"]) == set(changed["datasets"])
        assert set(changed.get("encoders", ("identity",))) <= set(records["encoder"])


def test_they_are_listed(infomax: Run) -> None:
    for kind, line in (
        ("encoders", "first-values      Scales the first values of a view."),
        ("views", "shifted   Views that are the whole item, and the item moved."),
        ("views", "jittered  Views that are the item and a copy that is moved at random."),
        ("datasets", "few-digits     a few digits, 8x8 grey."),
        ("distributions", "strong"),
    ):
        _, listed, _ = infomax("list", kind)
        # However lines are cut and columns are filled up.
        assert " ".join(line.split()) in " ".join(listed.split())


def test_a_table_of_another_format_is_read_by_its_ending(
    infomax: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def read_json(path: Path, _form: TextFormat) -> MeasuredTable:
        return MeasuredTable(str(path), pd.read_json(path))

    path = tmp_path / "measured.json"
    x = np.random.default_rng(0).normal(size=(300, 2))
    pd.DataFrame({"a": x[:, 0], "b": x[:, 0] + x[:, 1]}).to_json(path)
    status, _, said = infomax("estimate", path)
    assert status == 2
    assert "has the ending '.json', expected one of .csv" in said
    monkeypatch.setitem(TABLE_FORMATS, ".json", read_json)
    status, _, said = infomax("estimate", path, "--x", "a", "--y", "b", "--method", "histogram")
    assert (status, said) == (0, said)
    items = open_data(path, cache=tmp_path, x_columns=["a"], y_columns=["b"])
    assert items.y is not None
    np.testing.assert_array_equal(items.y.read(np.arange(300))[:, 0], x.sum(axis=1).astype("f4"))


def test_what_loads_no_images_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATASETS, "zeros", lambda: np.zeros(5))
    with pytest.raises(UserError, match=r"dataset 'zeros': .* a ndarray, expected an ImageDataset"):
        load_dataset("zeros")
