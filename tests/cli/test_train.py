"""`infomax init`, `views`, `train`, `show`, `runs`, `encode`, `probe` and `export`, end to end."""

import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image
from sklearn.datasets import load_digits, load_wine

from infomax.records import read_records

Run = Callable[..., tuple[int, str, str]]
QUICK = ("--steps", "60", "--batch-size", "32", "--device", "cpu")


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a real table: 13 measurements of 178 wines and their cultivar, eight times over."""
    frame = load_wine(as_frame=True).frame
    standard = (frame - frame.mean()) / frame.std()
    standard["target"] = ["abc"[each] for each in frame["target"]]
    noise = np.random.default_rng(0)
    blocks = []
    for copy in range(8):
        block = standard.copy()
        block[block.columns[:-1]] += 0.1 * noise.standard_normal((len(block), 13))
        block["bottle"] = range(len(block))
        block["copy"] = copy
        blocks.append(block)
    path = tmp_path_factory.mktemp("wine") / "wine.csv"
    pd.concat(blocks).to_csv(path, index=False)
    return path


OF_WINE = (
    *("--x", "alcohol,malic_acid,ash,magnesium", "--y", "flavanoids,hue,proline"),
    *("--labels", "target", "--groups", "bottle"),
)


@pytest.fixture(scope="module")
def trained(wine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "wine"
    run = [sys.executable, "-m", "infomax", "train", "--data", str(wine), *OF_WINE, *QUICK]
    subprocess.run([*run, "--out", str(out)], check=True, capture_output=True, timeout=300)
    return out


def test_a_table_is_trained_on_and_the_run_is_whole(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert {"settings.yaml", "run.json", "records.parquet", "split.npz", "log.txt"} <= names
    records, _ = read_records(trained / "records.parquet")
    last = records[records["step"] == 60].set_index(["split", "metric"])["value"]
    first = records[records["step"] == 0].set_index(["split", "metric"])["value"]
    assert last["test", "bound"] > first["test", "bound"]
    assert last["test", "probe_accuracy"] > 0.6
    assert {"neighbours_accuracy", "effective_rank", "uniformity"} <= set(records["metric"])
    assert "ended after 60 updates" in (trained / "log.txt").read_text()
    notes = json.loads((trained / "run.json").read_text())
    assert notes["ceiling"] == pytest.approx(math.log(32))
    assert notes["train_rows"] + notes["validation_rows"] == notes["rows"] == 8 * 178


def test_rows_of_a_group_never_straddle(trained: Path, wine: Path) -> None:
    split = np.load(trained / "split.npz")
    bottles = pd.read_csv(wine)["bottle"].to_numpy()
    assert not set(bottles[split["train"]]) & set(bottles[split["validation"]])
    assert len(split["train"]) + len(split["validation"]) == len(bottles)


def test_a_run_is_shown_and_listed(infomax: Run, trained: Path) -> None:
    code, shown, _ = infomax("show", trained)
    assert code == 0
    assert "settings that are not defaults: x: " in shown
    assert "o held out" in shown
    assert "linear probe" in shown
    assert "after 60 updates" in shown
    code, listed, _ = infomax("runs", trained.parent)
    assert code == 0
    assert "wine" in listed


def test_a_page_of_a_run_is_written_when_it_is_shown_and_once_it_has_ended(
    infomax: Run, trained: Path, tmp_path: Path
) -> None:
    code, shown, _ = infomax("show", trained, "--report", tmp_path / "page.html")
    assert code == 0
    assert shown.splitlines()[-1] == f"page: {tmp_path / 'page.html'}"
    run = ("train", "--data", "digits", "--views", "halves", "--steps", "2", "--device", "cpu")
    out = tmp_path / "run"
    # The folder of the run is made by the run.
    code, said, _ = infomax(*run, "--out", out, "--report", out / "page.html")
    assert code == 0
    assert said.splitlines()[-1] == f"page: {out / 'page.html'}"
    for page, steps in ((tmp_path / "page.html", 60), (out / "page.html", 2)):
        assert f"Ended after {steps} updates" in page.read_text(encoding="utf-8")
    code, _, said = infomax("report", out)
    assert code == 2
    assert f"`infomax show {out} --report page.html` writes its page" in said
    # It is no run, and in nobody's way.
    assert infomax("train", "--resume", "--out", out)[0] == 0


@pytest.mark.parametrize(
    ("report", "flags", "reason"),
    [
        ("page.pdf", (), "--report is page.pdf: give a file that ends in .html"),
        ("none/page.html", (), "there is no folder none, make it first"),
        ("page.html", ("--sweep", "seed=0,1"), "--report is of one run, and a sweep makes many"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_trained(  # noqa: PLR0917
    infomax: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    report: str,
    flags: tuple[str, ...],
    reason: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    run = ("train", "--data", "digits", "--views", "halves", "--out", "run", *flags)
    code, _, said = infomax(*run, "--report", report)
    assert code == 2
    assert reason in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".npy", ".parquet"])
def test_codes_are_written_row_by_row(
    infomax: Run, trained: Path, wine: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"codes{ending}"
    assert infomax("encode", trained, wine, "--out", path)[0] == 0
    codes = np.load(path) if ending == ".npy" else pd.read_parquet(path).to_numpy()
    assert codes.shape == (8 * 178, 100)
    assert np.isfinite(codes).all()
    # Copies of a bottle are nearly the same to the encoder, other bottles are not.
    near = np.linalg.norm(codes[:178] - codes[178:356], axis=1).mean()
    far = np.linalg.norm(codes[:178] - codes[179:357], axis=1).mean()
    assert near < 0.5 * far


def test_codes_are_probed_beside_what_they_are_made_of(infomax: Run, trained: Path) -> None:
    code, shown, _ = infomax("probe", trained, "--json")
    assert code == 0
    found = json.loads(shown)
    assert found["train_rows"] + found["held_out_rows"] == 8 * 178
    assert set(found["probes"]) == {"codes", "codes of the untrained encoder", "view x itself"}
    assert all(0.3 < each["linear"]["value"] <= 1 for each in found["probes"].values())
    assert found["held_out_of_training"]
    assert found["codes_less"].keys() == {"view x itself", "codes of the untrained encoder"}
    probes = found["probes"]
    for than, differences in found["codes_less"].items():
        for name, difference in differences.items():
            accuracies = [probes[of][name]["value"] for of in ("codes", than)]
            assert difference["value"] == pytest.approx(accuracies[0] - accuracies[1])
            assert difference["low"] <= difference["value"] <= difference["high"]
            excluded = difference["low"] > 0 or difference["high"] < 0
            assert (difference["verdict"] in {"better", "worse"}) is excluded
    said = infomax("probe", trained)[1]
    assert " ".join(said.split()).startswith(" ".join(f"{each}." for each in found["verdicts"]))
    assert "20 nearest neighbours" in said
    # Bottles are groups here, and copies of one are no independent rows.
    assert "Intervals take rows as independent" in " ".join(said.split())
    assert "others, which the encoder was not trained on" in " ".join(said.split())


def test_the_exported_encoder_gives_the_same_codes(
    infomax: Run, trained: Path, wine: Path, tmp_path: Path
) -> None:
    import onnxruntime  # noqa: PLC0415

    assert infomax("export", trained, "--out", tmp_path / "e.onnx")[0] == 0
    assert infomax("export", trained, "--format", "torch", "--out", tmp_path / "e.pt2")[0] == 0
    assert infomax("encode", trained, wine, "--out", tmp_path / "codes.npy")[0] == 0
    columns = ["alcohol", "malic_acid", "ash", "magnesium"]
    views = pd.read_csv(wine)[columns].to_numpy(np.float32)
    session = onnxruntime.InferenceSession(str(tmp_path / "e.onnx"))
    codes = session.run(["code"], {"view": views})[0]
    np.testing.assert_allclose(codes, np.load(tmp_path / "codes.npy"), rtol=1e-5, atol=1e-5)


def test_the_encoder_of_view_y_is_encoded_probed_and_exported(
    infomax: Run, trained: Path, wine: Path, tmp_path: Path
) -> None:
    of_y = ("--view", "y")
    assert infomax("encode", trained, wine, "--out", tmp_path / "codes.npy", *of_y)[0] == 0
    code, shown, _ = infomax("export", trained, "--format", "torch", *of_y)
    assert code == 0
    assert shown.startswith(f"{trained / 'y_encoder.pt2'}: views (N, 3) to codes")
    exported = torch.export.load(trained / "y_encoder.pt2").module()
    views = pd.read_csv(wine)[["flavanoids", "hue", "proline"]].to_numpy(np.float32)
    codes = exported(torch.from_numpy(views)).detach().numpy()
    np.testing.assert_allclose(codes, np.load(tmp_path / "codes.npy"), rtol=1e-5, atol=1e-5)
    code, shown, _ = infomax("probe", trained, "--json", *of_y)
    assert code == 0
    assert "view y itself" in json.loads(shown)["probes"]
    code, _, said = infomax("encode", trained, wine, "--out", tmp_path / "z.npy", "--view", "z")
    assert (code, said) == (2, "infomax: unknown view 'z': choose one of x, y\n")


def test_images_of_a_folder_are_seen_in_pairs_trained_on_and_encoded(
    infomax: Run, tmp_path: Path
) -> None:
    digits = load_digits()
    for place, (image, label) in enumerate(zip(digits.images[:300], digits.target, strict=False)):
        folder = tmp_path / "images" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15).astype(np.uint8)).save(folder / f"{place:04d}.png")
    images = tmp_path / "images"
    assert infomax("views", images, "--views", "halves", "--out", tmp_path / "grid.png")[0] == 0
    assert (tmp_path / "grid.png").stat().st_size > 1000
    flags = ("--data", images, "--views", "halves", "--view-options", "cut=left-right", *QUICK)
    code, _, said = infomax("train", *flags, "--validation", "0.3", "--out", tmp_path / "run")
    assert code == 0, said
    assert infomax("encode", tmp_path / "run", images, "--out", tmp_path / "codes.npy")[0] == 0
    assert np.load(tmp_path / "codes.npy").shape == (300, 100)
    table = tmp_path / "codes.parquet"
    assert infomax("encode", tmp_path / "run", images, "--out", table)[0] == 0
    files = sorted(path.relative_to(images).as_posix() for path in images.rglob("*.png"))
    assert pd.read_parquet(table)["file"].tolist() == files
    codes = pd.read_parquet(table).drop(columns="file")
    np.testing.assert_array_equal(codes, np.load(tmp_path / "codes.npy"))
    records, _ = read_records(tmp_path / "run" / "records.parquet")
    assert "probe_accuracy" in set(records["metric"])  # Folders are labels.


def test_a_bad_image_is_listed_and_left_out_only_when_asked(infomax: Run, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for place, image in enumerate(load_digits().images[:200]):
        Image.fromarray((image * 15).astype(np.uint8)).save(images / f"{place:04d}.png")
    (images / "0007.png").write_bytes(b"")
    (images / "0011.png").write_bytes((images / "0012.png").read_bytes()[:40])
    flags = ("--data", images, "--views", "halves", *QUICK, "--validation", "0.4")
    code, _, said = infomax("train", *flags, "--out", tmp_path / "run")
    assert code == 2
    assert "0007.png" in said
    assert "0011.png" in said
    assert not (tmp_path / "run").exists()
    code, _, said = infomax("train", *flags, "--skip-bad", "--out", tmp_path / "run")
    assert code == 0, said
    told = "2 of 200 images are left out: 0007.png: is empty; 0011.png: unreadable"
    assert f"infomax: warning: {images}: {told}" in said
    skipped = json.loads((tmp_path / "run" / "run.json").read_text())["skipped"]
    assert {Path(path).name: why for path, why in skipped.items()} == {
        "0007.png": "is empty",
        "0011.png": "unreadable, truncated or corrupt (of no known format)",
    }
    assert f"left out: {images / '0007.png'}: is empty" in infomax("show", tmp_path / "run")[1]
    encoded = ("encode", tmp_path / "run", images, "--out", tmp_path / "codes.npy")
    assert "2 of 200 images cannot be used" in infomax(*encoded)[2]
    code, _, said = infomax(*encoded, "--skip-bad")
    assert (code, len(np.load(tmp_path / "codes.npy"))) == (0, 198)
    assert told in said
    for place in range(20, 40):
        (images / f"{place:04d}.png").write_bytes(b"")
    code, _, said = infomax("train", *flags, "--skip-bad", "--out", tmp_path / "again")
    assert (code, (tmp_path / "again").exists()) == (2, False)
    assert "22 of 200 images are left out" in said
    assert "more than a share of 0.1" in said


@pytest.mark.parametrize(
    ("left", "validation", "told"),
    [
        (0, "0.5", "none of its 20 images can be used, the last: 0019.png: is empty"),
        (1, "0", "a batch of 4 is larger than the data (1 pairs)"),
        (5, "0.4", "2 validation pairs are fewer than two batches of 4: keep more"),
    ],
)
def test_too_few_images_that_are_left_are_not_trained_on(
    infomax: Run, tmp_path: Path, left: int, validation: str, told: str
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for place, image in enumerate(load_digits().images[:20]):
        path = images / f"{place:04d}.png"
        if place < left:
            Image.fromarray((image * 15).astype(np.uint8)).save(path)
        else:
            path.touch()
    flags = ("--data", images, "--views", "halves", "--validation", validation, "--batch-size", "4")
    lenient = ("--skip-bad", "--skip-at-most", "1")
    code, _, said = infomax("train", *flags, *lenient, "--out", tmp_path / "run")
    assert (code, (tmp_path / "run").exists()) == (2, False)
    assert told in said.splitlines()[-1]


def test_pairs_of_images_are_drawn_as_they_are_trained_on(infomax: Run, tmp_path: Path) -> None:
    images, out = tmp_path / "images", tmp_path / "views.png"
    images.mkdir()
    for place, size in enumerate((8, 8, 6)):
        Image.new("L", (size, size)).save(images / f"{place}.png")
    (images / "bad.png").touch()
    seen = ("views", images, "--views", "halves", "--out", out)
    code, _, said = infomax(*seen)
    assert code == 2
    for flag in ("--image-size (infomax train, views)", "--skip-bad"):
        assert flag in said
    assert not out.exists()
    flags = ("--image-size", "8,8", "--skip-bad")
    assert "a larger share (--skip-at-most)" in infomax(*seen, *flags)[2]
    code, shown, said = infomax(*seen, *flags, "--skip-at-most", "0.5")
    assert (code, shown) == (0, f"3 pairs of {images}: {out}\n")
    assert "1 of 4 images are left out: bad.png: is empty" in said


def test_init_writes_settings_that_train(infomax: Run, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    assert infomax("init", path)[0] == 0
    assert infomax("init", path)[0] == 2
    settings = yaml.safe_load(path.read_text())
    assert settings["data"] == "mnist"
    flags = ("--data", "digits", "--steps", "5", "--batch-size", "32")
    code, _, said = infomax("train", path, *flags, "--out", tmp_path / "run")
    assert code == 0, said
    written = yaml.safe_load((tmp_path / "run" / "settings.yaml").read_text())
    assert (written["data"], written["steps"], written["views"]) == ("digits", 5, "halves")


def test_an_encoder_of_ones_own_is_trained(
    infomax: Run, wine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_encoders.py").write_text(
        "from torch import nn\n"
        "def wide(view_shape, generator, *, units=8):\n"
        "    return nn.Sequential(nn.Linear(view_shape[0], units), nn.Tanh())\n"
    )
    flags = ("--data", wine, *OF_WINE, *QUICK, "--encoder", "own_encoders:wide")
    code, _, said = infomax("train", *flags, "--encoder-options", "units=5", "--out", "run")
    assert code == 0, said
    assert infomax("encode", "run", wine, "--out", "codes.npy")[0] == 0
    assert np.load("codes.npy").shape[1] == 5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Of what MLflow itself uses.
def test_trackers_get_what_was_measured(
    infomax: Run, wine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient  # noqa: PLC0415

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    flags = ("--data", wine, *OF_WINE, *QUICK, "--tensorboard", "--mlflow")
    code, _, said = infomax("train", *flags, "--out", tmp_path / "run")
    assert code == 0, said
    assert list((tmp_path / "run" / "tensorboard").glob("events*"))
    client = MlflowClient()
    (experiment,) = [each for each in client.search_experiments() if each.name == "infomax"]
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics["test_bound"] > 0


def killed_at_next_checkpoint(arguments: list[str], checkpoints: Path) -> None:
    """Kill a run with SIGKILL once it has left a checkpoint of its own."""
    before = set(checkpoints.glob("step-*"))
    with subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while set(checkpoints.glob("step-*")) <= before and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL


def test_killed_and_resumed_it_ends_as_if_it_had_not_been(
    infomax: Run, wine: Path, tmp_path: Path
) -> None:
    flags = ["--data", str(wine), *OF_WINE, *QUICK, "--steps", "600", "--evaluate-every", "20"]
    assert infomax("train", *flags, "--out", tmp_path / "whole")[0] == 0
    out = tmp_path / "killed"
    run = [sys.executable, "-m", "infomax", "train", *flags, "--out", str(out), "--resume"]
    for _ in range(2):
        killed_at_next_checkpoint(run, out / "checkpoints")
    assert infomax("train", "--resume", "--out", out)[0] == 0
    whole, again = (
        read_records(folder / "records.parquet")[0] for folder in (tmp_path / "whole", out)
    )
    assert whole.equals(again)
    for path in (tmp_path / "whole", out):
        assert infomax("encode", path, wine, "--out", tmp_path / f"{path.name}.npy")[0] == 0
    np.testing.assert_array_equal(np.load(tmp_path / "whole.npy"), np.load(tmp_path / "killed.npy"))
    assert "resumed" in (out / "log.txt").read_text()


def test_a_table_is_encoded_by_the_columns_that_were_x(
    infomax: Run, wine: Path, tmp_path: Path
) -> None:
    flags = ("--data", wine, "--y", "flavanoids,hue", "--labels", "target", *QUICK)
    code, _, said = infomax("train", *flags, "--out", tmp_path / "run")
    assert code == 0, said
    table = pd.read_csv(wine).drop(columns=["target", "flavanoids"])
    table.to_csv(tmp_path / "new.csv", index=False)
    code, _, said = infomax(
        "encode", tmp_path / "run", tmp_path / "new.csv", "--out", tmp_path / "codes.npy"
    )
    assert code == 0, said
    assert len(np.load(tmp_path / "codes.npy")) == 8 * 178


def test_columns_are_seen_in_pairs(infomax: Run, wine: Path, tmp_path: Path) -> None:
    out = tmp_path / "views.png"
    code, _, said = infomax("views", wine, "--x", "alcohol,ash", "--y", "hue,proline", "--out", out)
    assert code == 0, said
    assert out.stat().st_size > 1000


def mistakes(wine: Path, tmp: Path) -> list[tuple[list[str], str]]:
    flags = ["--data", str(wine), *OF_WINE]
    x, y = np.zeros((50, 3)), np.zeros((49, 3))
    np.save(tmp / "x.npy", x)
    np.save(tmp / "y.npy", y)
    (tmp / "settings.yaml").write_text("data: mnist\nbatchsize: 3\n")
    return [
        (["train"], "setting data is missing"),
        (["train", str(tmp / "settings.yaml")], "unknown setting 'batchsize': did you mean 'batch"),
        (["train", str(tmp / "none.yaml")], "none.yaml is not there: `infomax init`"),
        (["train", "--data", "mnits"], "mnits"),
        (["train", "--data", "mnist"], "or how to make two views of one item (--views)"),
        (["train", "--data", "digits", "--views", "halfs"], "did you mean 'halves'"),
        (["train", *flags, "--encoder", "mpl"], "did you mean 'mlp'"),
        (["train", *flags, "--critic-options", "temperature"], "expected name=value"),
        (["train", *flags, "--y", "flavanoid"], "did you mean 'flavanoids'"),
        (["train", *flags, "--batch-size", "1"], "setting batch_size is 1"),
        (
            ["train", *flags, "--batch-size", "4000"],
            "1424 pairs are too few to keep two batches of 4000",
        ),
        (["train", *flags, "--device", "tpu"], "device 'tpu' cannot be used here"),
        (["train", "--data", str(tmp / "x.npy"), "--y-data", str(tmp / "y.npy")], "50"),
        (["train", "--data", str(wine), "--x", "alcohol", "--y", "target"], "target"),
        (["train", *flags, "--labels", "colour"], "colour"),
        (["show", str(tmp)], "is not the folder of a run"),
        (["show", str(tmp / "none")], "is not there: expected the folder of a run"),
        (["encode", str(tmp), str(wine), "--out", "codes.txt"], "ends in .npy or .parquet"),
        (["runs", str(tmp / "none")], "is not there"),
        (["runs", str(tmp)], "holds no runs"),
    ]


@pytest.mark.parametrize("number", range(20))
def test_a_mistake_is_one_line_and_nothing_is_written(
    infomax: Run, wine: Path, tmp_path: Path, number: int
) -> None:
    if number == 0:
        assert len(mistakes(wine, tmp_path)) == 20
    arguments, said = mistakes(wine, tmp_path)[number]
    out = ["--out", str(tmp_path / "run")] if arguments[0] == "train" else []
    code, _, error = infomax(*arguments, *out)
    assert code == 2, error
    assert said in error
    assert error.startswith("infomax: ")
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_something_is_not_written_over(
    infomax: Run, trained: Path, wine: Path
) -> None:
    flags = ("--data", wine, *OF_WINE, *QUICK)
    code, _, said = infomax("train", *flags, "--out", trained)
    assert code == 2
    assert "already holds" in said
    code, _, said = infomax("train", *flags, "--batch-size", "16", "--resume", "--out", trained)
    assert code == 2
    assert "batch_size: 16, not 32" in said


def test_data_of_another_shape_are_refused(infomax: Run, trained: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "wide.npy", np.zeros((60, 9), np.float32))
    code, _, _ = infomax("encode", trained, tmp_path / "wide.npy", "--out", tmp_path / "codes.npy")
    assert code == 2
    assert not (tmp_path / "codes.npy").exists()
