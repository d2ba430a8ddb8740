"""What a run encodes: either view, from data of other kinds and lengths than it was trained on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from infomax.data import ImageSource
from infomax.errors import UserError
from infomax.experiments.code_probes import probe_codes
from infomax.experiments.config import RunConfig
from infomax.experiments.export import write_codes
from infomax.experiments.run import RunRequest, run_experiment
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.trained_run import TrainedRun, items_to_encode, items_to_probe
from infomax.training import NoProgress, WhichView
from infomax.warnings import DataWarning

pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")

ROWS = 60
QUICK = {"steps": 2, "evaluate_every": 2, "batch_size": 8, "device": "cpu", "validation": 0.3}

Trained = Callable[..., Path]


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    """Train two updates on what settings name; return the folder of the run."""

    def run(**given: Any) -> Path:
        settings = RunConfig.checked({**QUICK, **given})
        folder = RunFolder(tmp_path / "run")
        run_experiment(
            RunRequest(settings, folder, resume=False), command="", progress=NoProgress()
        )
        return folder.path

    return run


def values(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def codes(path: Path, view: WhichView, data: Path, tmp_path: Path) -> NDArray[np.float32]:
    run = TrainedRun(path, view=view)
    items = items_to_encode(run, str(data), cache=tmp_path / "cache")
    return torch.cat(list(run.codes(items.x))).numpy()


def by_hand(path: Path, view: WhichView, of: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.no_grad():
        encoded: torch.Tensor = TrainedRun(path, view=view).encoder(torch.from_numpy(of))
    return encoded.numpy()


def test_a_run_of_named_arrays_encodes_plain_ones_and_others_of_the_name(
    trained: Trained, tmp_path: Path
) -> None:
    x, y = values(ROWS, 4), values(ROWS, 3, seed=1)
    np.savez(tmp_path / "pairs.npz", x=x, y=y)
    path = trained(data=str(tmp_path / "pairs.npz"), x=["x"], y=["y"])
    assert repr(TrainedRun(path, "last", "y")) == f"TrainedRun('{path}', step=2, view='y')"
    of_views: dict[WhichView, NDArray[np.float32]] = {"x": x, "y": y}
    for view, of_view in of_views.items():
        new = values(7, of_view.shape[1], seed=2)
        np.save(tmp_path / "new.npy", new)
        named: dict[str, Any] = {view: new, "other": values(7, 9)}
        np.savez(tmp_path / "named.npz", **named)
        np.savez(tmp_path / "alone.npz", embeddings=new)
        pd.DataFrame(new).to_csv(tmp_path / "t.csv", index=False, header=[*"abcd"[: new.shape[1]]])
        expected = by_hand(path, view, new)
        for name in ("new.npy", "named.npz", "alone.npz", "t.csv"):
            found = codes(path, view, tmp_path / name, tmp_path)
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        both = codes(path, view, tmp_path / "pairs.npz", tmp_path)
        np.testing.assert_allclose(both, by_hand(path, view, of_view), atol=1e-6)


def test_columns_are_found_by_name_in_every_kind_of_table(trained: Trained, tmp_path: Path) -> None:
    frame = pd.DataFrame(values(ROWS, 4), columns=["a", "b", "c", "d"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    path = trained(data=str(tmp_path / "t.csv"), x=["b", "a"], y=["d", "c"])
    for name in ("other.csv.gz", "other.TSV.xz"):
        separator = "\t" if "TSV" in name else ","
        frame[list("dcba")].to_csv(tmp_path / name, index=False, sep=separator)
        of_x = np.ascontiguousarray(frame[["b", "a"]])
        found = codes(path, "x", tmp_path / name, tmp_path)
        np.testing.assert_allclose(found, by_hand(path, "x", of_x), atol=1e-5)
    frame[["d", "a", "c"]].to_parquet(tmp_path / "new.parquet")
    of_y = np.ascontiguousarray(frame[["d", "c"]])
    found = codes(path, "y", tmp_path / "new.parquet", tmp_path)
    np.testing.assert_allclose(found, by_hand(path, "y", of_y), atol=1e-5)
    with pytest.raises(UserError, match="unknown column 'b'"):
        codes(path, "x", tmp_path / "new.parquet", tmp_path)
    np.save(tmp_path / "new.npy", frame.to_numpy())
    with pytest.raises(UserError, match=r"items of shape \(4,\), .* was trained on \(2,\)"):
        codes(path, "x", tmp_path / "new.npy", tmp_path)


def test_the_second_view_of_two_files_is_encoded_and_not_taken_for_the_first(
    trained: Trained, tmp_path: Path
) -> None:
    x, y = values(ROWS, 3), values(ROWS, 3, seed=1)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    path = trained(data=str(tmp_path / "x.npy"), y_data=str(tmp_path / "y.npy"))
    np.testing.assert_allclose(
        codes(path, "y", tmp_path / "y.npy", tmp_path), by_hand(path, "y", y), atol=1e-6
    )
    with pytest.raises(UserError, match=r"x\.npy is view x of .*run: give what view y is read"):
        codes(path, "y", tmp_path / "x.npy", tmp_path)


def test_views_that_are_made_are_both_encoded(trained: Trained, tmp_path: Path) -> None:
    items = values(ROWS, 6)
    np.save(tmp_path / "items.npy", items)
    path = trained(
        data=str(tmp_path / "items.npy"), views="features", view_options={"x": "0-1", "y": "2-5"}
    )
    views: dict[WhichView, NDArray[np.float32]] = {"x": items[:, :2], "y": items[:, 2:]}
    for view, of_view in views.items():
        found = codes(path, view, tmp_path / "items.npy", tmp_path)
        np.testing.assert_allclose(found, by_hand(path, view, of_view), atol=1e-6)


@pytest.mark.parametrize("views", [None, "noise"])
def test_series_of_another_length_are_encoded_where_the_encoder_takes_any(
    trained: Trained, tmp_path: Path, views: str | None
) -> None:
    np.savez(tmp_path / "s.npz", x=values(ROWS, 40, 2), y=values(ROWS, 32, 2, seed=1))
    of_y = {"views": views, "view_options": {"deviation": 0.1}} if views else {"y": ["y"]}
    options = {"encoder": "series-convnet", "encoder_options": {"width": 4, "code_size": 5}}
    path = trained(data=str(tmp_path / "s.npz"), x=["x"], **of_y, **options)
    longer = values(3, 90, 2, seed=2)
    np.save(tmp_path / "longer.npy", longer)
    found = codes(path, "x", tmp_path / "longer.npy", tmp_path)
    np.testing.assert_allclose(found, by_hand(path, "x", longer), atol=1e-6)
    assert found.shape == (3, 5)
    np.save(tmp_path / "wider.npy", values(3, 40, 3))
    with pytest.raises(
        UserError, match=r"shape \(40, 3\), and .* on \(40, 2\): expected the same$"
    ):
        codes(path, "x", tmp_path / "wider.npy", tmp_path)


def test_series_of_another_length_are_refused_where_the_encoder_takes_one(
    trained: Trained, tmp_path: Path
) -> None:
    np.savez(tmp_path / "s.npz", x=values(ROWS, 10, 2), y=values(ROWS, 10, 2, seed=1))
    path = trained(data=str(tmp_path / "s.npz"), x=["x"], y=["y"], encoder="mlp")
    # As many values as one of training, but not in its shape.
    for shape in ((3, 12, 2), (3, 20, 1)):
        np.save(tmp_path / "other.npy", values(*shape))
        with pytest.raises(UserError, match=r"was trained on \(10, 2\): expected the same"):
            codes(path, "x", tmp_path / "other.npy", tmp_path)


def test_codes_of_images_carry_the_names_of_their_files(trained: Trained, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    for number in range(ROWS):
        (folder / str(number % 3)).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.full((4, 4), number * 4, np.uint8))
        image.save(folder / str(number % 3) / f"{number:02}.png")
    path = trained(data=str(folder), views="halves")
    (folder / "2" / "59.png").rename(folder / "2" / b"\xff.png".decode("utf-8", "surrogateescape"))
    run = TrainedRun(path, view="y")
    items = items_to_encode(run, str(folder), cache=tmp_path / "cache")
    assert isinstance(items.x, ImageSource)
    write_codes(tmp_path / "c.parquet", run.codes(items.x), len(items), items.x.files)
    table = pd.read_parquet(tmp_path / "c.parquet")
    assert list(table.columns[:2]) == ["file", "code_0"]
    assert table["file"].iloc[[0, 20, -1]].tolist() == ["0/00.png", "1/01.png", r"2/\xff.png"]
    halves = np.stack([np.full((2, 4, 1), 4 * number / 255, np.float32) for number in (0, 1, 59)])
    found = table.iloc[[0, 20, -1], 1:].to_numpy()
    np.testing.assert_allclose(found, by_hand(path, "y", halves), atol=1e-6)


def test_greyscale_images_are_encoded_as_colour_where_training_was_in_colour(
    trained: Trained, tmp_path: Path
) -> None:
    for name, channels in (("colour", 3), ("grey", 1)):
        (tmp_path / name).mkdir()
        for number in range(ROWS if channels == 3 else 5):
            pixels = np.full((4, 4, channels), number * 4, np.uint8).squeeze()
            Image.fromarray(pixels).save(tmp_path / name / f"{number:02}.png")
    path = trained(data=str(tmp_path / "colour"), views="halves")
    with pytest.warns(DataWarning, match="5 of 5 images are greyscale, and read as colour"):
        found = codes(path, "x", tmp_path / "grey", tmp_path)
    in_colour = codes(path, "x", tmp_path / "colour", tmp_path)[:5]
    np.testing.assert_allclose(found, in_colour, atol=1e-6)


def test_either_view_of_the_training_is_probed_on_what_it_held_out(
    trained: Trained, tmp_path: Path
) -> None:
    x, y = values(ROWS, 4), values(ROWS, 3, seed=1)
    np.savez(tmp_path / "pairs.npz", x=x, y=y, kind=np.arange(ROWS) % 2)
    path = trained(data=str(tmp_path / "pairs.npz"), x=["x"], y=["y"], labels="kind")
    of_views: dict[WhichView, NDArray[np.float32]] = {"x": x, "y": y}
    for view, of_view in of_views.items():
        run = TrainedRun(path, view=view)
        items = items_to_probe(run, None, cache=tmp_path / "cache")
        np.testing.assert_array_equal(items.x.read(np.arange(ROWS)), of_view)
        found = probe_codes(run, items)
        assert found.as_trained
        assert [each.of for each in found.probes][2] == f"view {view} itself"
        than = ["codes of the untrained encoder", f"view {view} itself"]
        assert sorted(each.than for each in found.comparisons) == than
        with np.load(path / "split.npz") as kept:
            np.testing.assert_array_equal(found.split.validation, kept["validation"])
