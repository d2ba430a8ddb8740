"""The command end to end: on real digits, with mistakes, failures and interruptions."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from infomax import __version__
from infomax.cli import main
from infomax.cli.reproduce_command import draw_page
from infomax.records import FAILED, read_records
from infomax.studies.catalogue import StudyEntry
from infomax.studies.claims import judge_claims
from infomax.studies.output_folder import OutputFolder
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy
from infomax.studies.verdicts import Claim
from tests.cli.page_at_the_end import PAGE_AT_THE_END
from tests.test_folder_lock import holding

Command = Callable[..., int]


@pytest.fixture
def infomax(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in this process and return its exit status."""

    def run(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["infomax", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        code = stopped.value.code
        assert isinstance(code, int) or code is None
        return code or 0

    return run


@pytest.mark.slow
def test_a_few_steps_of_real_mnist(
    infomax: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    scale = ("--preset", "full", "--steps", "20", "--seeds", "1")
    assert infomax("reproduce", "fig3", *scale, "--out", out) == 0
    shown = capsys.readouterr()
    assert str(out / "report.html") in shown.out

    records, metadata = read_records(out / "records.parquet")
    assert set(records["dataset"]) == {"mnist"}
    assert set(records["critic"]) == {"", "bilinear", "separable", "concat"}
    assert set(records["bound"]) == {"", "infonce", "nwj"}
    settings = Reproduction.read(out / "settings.json")
    assert metadata["settings"] == settings.model_dump(mode="json")
    assert len({tuple(row) for row in records.drop(columns="value").astype(str).to_numpy()}) == len(
        records
    )

    probed = records[(records["split"] == "test") & (records["metric"] == "probe_accuracy")]
    raw = probed[probed["encoder"] == "raw-pixels"]["value"]
    assert raw.tolist() == pytest.approx([0.849], abs=0.003)
    untrained = probed[(probed["encoder"] == "mlp") & (probed["step"] == 0)]["value"].tolist()
    assert len(untrained) == 6
    assert len(set(untrained)) == 1
    bounds = records[records["metric"] == "bound"].pivot_table(
        index=["critic", "bound", "split"], columns="step", values="value"
    )
    assert (bounds[20] > bounds[0]).all()
    low, high = (
        records[(records["metric"] == metric) & (records["split"] == "test")]["value"].to_numpy()
        for metric in ("bound_low", "bound_high")
    )
    assert (low < high).all()

    claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    keys = {"claim", "figure", "dataset", "sentence", "verdict", "effect", "ci", "seeds", "steps"}
    assert [claim["claim"] for claim in claims] == [each.claim for each in judge_claims(records)]
    assert {claim["claim"].rpartition(":")[2] for claim in claims} == {"infonce", "nwj"}
    assert all(keys <= set(claim) for claim in claims)
    assert {claim["verdict"] for claim in claims} == {"inconclusive"}, "one seed decides nothing"
    for name in ("report.html", "timings.json", "figures/critics.png", "figures/critics.svg"):
        assert (out / name).stat().st_size > 0, name


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder written by the installed command, in a process of its own."""
    out = tmp_path_factory.mktemp("small") / "out"
    subprocess.run(small(out), check=True, capture_output=True, timeout=300)
    return out


# The command, with a classifier that is not warmed up for as long, and a page at the end.
WITH_SHORT_WARM_UP = PAGE_AT_THE_END + (
    "from infomax.studies.catalogue import STUDIES; "
    "STUDIES['adversarial'].quick['warm_up_steps'] = 10; "
    "from infomax.cli import main; main()"
)


def small(out: Path, *studies: str) -> list[str]:
    command = [sys.executable, "-c", WITH_SHORT_WARM_UP, "reproduce", *studies]
    scale = ["--dataset", "digits", "--steps", "6", "--seeds", "3", "--device", "cpu"]
    return [*command, *scale, "--out", str(out)]


def test_the_studies_of_the_paper_run_when_none_is_named(small_run: Path) -> None:
    records, _ = read_records(small_run / "records.parquet")
    assert list(records["study"].unique()) == [entry.full.name for entry in PAPER_STUDIES]
    claims = json.loads((small_run / "claims.json").read_text(encoding="utf-8"))
    assert {claim["figure"] for claim in claims} == {entry.full.figure for entry in PAPER_STUDIES}
    assert all(claim["seeds"] == 3 for claim in claims)
    assert not (small_run / "checkpoint.safetensors").exists()


@pytest.mark.parametrize("how", ["anew", "--overwrite", "--resume"])
def test_a_folder_that_another_process_writes_to_is_left_to_it(
    how: str,
    infomax: Command,
    small_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out" if how == "anew" else small_run
    flags = () if how == "anew" else (how,)
    with holding(out) as first:
        held = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
        scale = () if how == "--resume" else ("critics", "--dataset", "digits", "--steps", "2")
        assert infomax("reproduce", *scale, *flags, "--out", out) == 2
        assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == held
        first.communicate("")
    error = capsys.readouterr().err
    assert f"{out} is in use by process {first.pid} on " in error
    assert error.count("\n") == 1


def test_a_folder_that_is_written_to_is_not_drawn_by_another(
    infomax: Command, small_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(small_run) as first:
        held = {path: path.stat().st_mtime_ns for path in small_run.rglob("*")}
        assert infomax("report", small_run) == 2
        assert {path: path.stat().st_mtime_ns for path in small_run.rglob("*")} == held
        first.communicate("")
    assert f"{small_run} is in use by process {first.pid}" in capsys.readouterr().err


def test_runs_go_on_where_their_page_cannot_be_drawn(
    infomax: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def drawn(folder: OutputFolder, *, under_way: bool = False) -> tuple[list[Claim], Path]:
        if under_way:
            raise FileNotFoundError("report.html.part is not there")
        return draw_page(folder)

    monkeypatch.setattr("infomax.cli.reproduce_command.draw_page", drawn)
    scale = ("--dataset", "digits", "--steps", "2", "--seeds", "1", "--bound", "infonce")
    assert infomax("reproduce", "critics", *scale, "--out", tmp_path / "out") == 0
    error = capsys.readouterr().err
    assert "the report cannot be drawn yet (report.html.part is not there); the runs go on" in error
    assert "Still under way" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_what_a_study_adds_is_recorded(small_run: Path) -> None:
    records, _ = read_records(small_run / "records.parquet")
    metrics = {str(study): set(of_study["metric"]) for study, of_study in records.groupby("study")}
    inverse = {"reconstruction_error", "reconstruction_error_float64"}
    assert inverse <= metrics["bijective"] & metrics["adversarial"]
    assert {"classifier_cross_entropy", "encoder_loss"} <= metrics["adversarial"]
    percentiles = {f"log_condition_number_{name}" for name in ("min", "p20", "p50", "max")}
    assert percentiles <= metrics["conditioning"]
    assert {"bound_smoothed", "true_information", "bound"} <= metrics["non-iid"]
    assert "k_pair_loss" in metrics["critics"]
    largest = records[records["metric"] == "reconstruction_error_float64"]["value"].max()
    assert largest < 1e-6


def test_the_same_settings_give_the_same_records_to_the_bit(
    small_run: Path, tmp_path: Path
) -> None:
    # Alone or among others: what a study records depends on nothing else.
    again = small(tmp_path / "again", "conditioning", "adversarial", "non-iid")
    subprocess.run(again, check=True, capture_output=True, timeout=300)
    first, _ = read_records(small_run / "records.parquet")
    second, _ = read_records(tmp_path / "again" / "records.parquet")
    assert second["study"].nunique() == 3
    for study, of_study in second.groupby("study"):
        pd.testing.assert_frame_equal(
            of_study.reset_index(drop=True),
            first[first["study"] == study].reset_index(drop=True),
            check_exact=True,
            obj=str(study),
        )


def test_the_report_is_drawn_again_from_the_records_alone(
    small_run: Path, tmp_path: Path, infomax: Command
) -> None:
    (tmp_path / "records.parquet").write_bytes((small_run / "records.parquet").read_bytes())
    assert infomax("report", tmp_path) == 0
    assert (tmp_path / "claims.json").read_bytes() == (small_run / "claims.json").read_bytes()
    for study in (entry.full.name for entry in PAPER_STUDIES):
        drawn = (tmp_path / "figures" / f"{study}.svg").read_bytes()
        assert drawn == (small_run / "figures" / f"{study}.svg").read_bytes()
    assert (tmp_path / "report.html").stat().st_size > 0


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(
    small_run: Path, infomax: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in small_run.rglob("*")}
    assert infomax("reproduce", "--dataset", "digits", "--out", small_run) == 2
    assert "already holds another run" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in small_run.rglob("*")} == before


def test_overwriting_leaves_nothing_of_the_run_before(
    small_run: Path, tmp_path: Path, infomax: Command
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "figures").mkdir()
    (out / "figures" / "matched-bound.png").write_bytes(b"of an earlier run")
    (out / "records.parquet").write_bytes((small_run / "records.parquet").read_bytes())
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    arguments = ("--dataset", "digits", "--steps", "2", "--seeds", "1", "--out", out)
    assert infomax("reproduce", "critics", *arguments, "--overwrite") == 0
    records, _ = read_records(out / "records.parquet")
    assert set(records["study"]) == {"critics"}
    assert not (out / "figures" / "matched-bound.png").exists()
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("nothing",),
            "unknown study 'nothing': choose one of bijective (fig1ab), adversarial (fig1c)",
        ),
        (("--dataset", "nothing"), "nothing"),
        (("--preset", "nothing"), "unknown preset 'nothing': choose one of quick, full"),
        (("--device", "nothing"), "device 'nothing' cannot be used here"),
        (("--seeds", "0"), "--seeds is 0: give a whole number of at least 1"),
        (("--steps", "-3"), "--steps is -3: give a whole number of at least 1"),
        (
            ("--bound", "nce"),
            "unknown bound 'nce': did you mean 'infonce'? choose one of infonce, nwj",
        ),
        (("--noise", "loud"), "--noise is 'loud': choose one of shared, own"),
        (("--resume", "--overwrite"), "give one"),
        (("--resume",), "holds no run to go on with"),
    ],
)
def test_a_mistake_exits_2_and_names_it(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert infomax("reproduce", *arguments, "--out", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_an_unknown_estimator_in_the_settings_names_the_choices(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed_studies(monkeypatch, {"bounds": ("nce",)})
    assert infomax("reproduce", "--dataset", "digits", "--out", tmp_path / "out") == 2
    assert (
        "unknown bound 'nce': did you mean 'infonce'? choose one of infonce, nwj"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("study", ["bijective", "adversarial"])
def test_an_encoder_that_is_no_bijection_is_refused(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    study: str,
) -> None:
    changed_studies(monkeypatch, {"encoders": ("mlp",), "encoder_options": {}})
    assert infomax("reproduce", study, "--dataset", "digits", "--out", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert f"{study} needs an encoder that is a bijection" in error
    assert "mlp is none; choose one of realnvp-additive, realnvp-affine" in error
    assert not (tmp_path / "out").exists()


def test_an_odd_number_of_features_cannot_be_coupled(
    infomax: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2, 3), dtype=np.uint8)
    for split, number in (("train", 300), ("test", 260)):
        for place in range(number):
            folder = tmp_path / "odd" / split / f"class-{place % 2}"
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{place}.png")
    out = tmp_path / "out"
    assert infomax("reproduce", "fig1ab", "--dataset", tmp_path / "odd", "--out", out) == 2
    error = capsys.readouterr().err
    assert "odd" in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_data_set_without_labels_is_refused(
    infomax: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "unlabelled"
    folder.mkdir()
    for stem in ("train", "t10k"):
        header = struct.pack(">IIII", 0x803, 600, 4, 4)
        (folder / f"{stem}-images-idx3-ubyte").write_bytes(header + bytes(600 * 16))
    assert infomax("reproduce", "--dataset", folder, "--out", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "train-labels-idx1-ubyte" in error
    assert "images without labels cannot be probed" in error
    assert not (tmp_path / "out").exists()


def test_a_data_set_too_small_for_a_batch_is_refused(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed_studies(monkeypatch, {"batch_size": 1_000})
    assert infomax("reproduce", "--dataset", "digits", "--out", tmp_path / "out") == 2
    assert "batches of 1000 need at least 2000" in capsys.readouterr().err


def test_a_run_that_fails_is_recorded_and_the_others_go_on(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A learning rate at which the bilinear scores overflow and NWJ's exponential with them.
    changed_studies(monkeypatch, {"learning_rate": 1e6, "seeds": (0,), "steps": 5})
    out = tmp_path / "out"
    assert infomax("reproduce", "critics", "--dataset", "digits", "--out", out) == 1
    shown = capsys.readouterr().err
    failed_run = "failed: critics on digits: mlp encoder, bilinear critic, nwj, seed 0"
    assert f"{failed_run}: the loss at step" in shown
    records, _ = read_records(out / "records.parquet")
    failed = records[records["metric"] == FAILED]
    assert ("bilinear", "nwj") in set(zip(failed["critic"], failed["bound"], strict=True))
    assert (~failed["value"].map(lambda loss: abs(loss) < float("inf"))).all()
    runs = records[records["encoder"] == "mlp"].groupby(["critic", "bound"])
    assert len(runs) == 6
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "failed" in page.lower()


def test_interrupted_what_is_finished_is_kept_and_can_be_drawn(
    tmp_path: Path, infomax: Command
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "infomax", "reproduce", "critics", "--dataset", "digits"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # Of processes in the background a shell has interrupts ignored, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [*command, "--steps", "400", "--out", str(out)],
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        deadline = time.monotonic() + 120
        while finished_runs(out) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    kept = finished_runs(out)
    assert kept >= 3
    assert f"{kept} of 18 runs are kept" in error
    assert "Traceback" not in error
    assert infomax("report", out) == 0
    assert "runs" in (out / "report.html").read_text(encoding="utf-8")


def finished_runs(out: Path) -> int:
    path = out / "timings.json"
    if not path.exists():
        return 0
    return sum(len(job["seeds"]) for job in json.loads(path.read_text(encoding="utf-8")))


def changed_studies(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    def changed(entry: StudyEntry, preset: str) -> AnyStudy:
        assert preset == "quick"
        return entry.full.model_copy(update=changes)

    monkeypatch.setattr(StudyEntry, "at", changed)


def test_a_report_of_nothing_says_so(
    infomax: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert infomax("report", tmp_path) == 2
    assert "records.parquet is not there" in capsys.readouterr().err


def test_timings_that_are_not_timings_are_named(
    small_run: Path,
    tmp_path: Path,
    infomax: Command,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "records.parquet").write_bytes((small_run / "records.parquet").read_bytes())
    (tmp_path / "timings.json").write_text("[1, 2]", encoding="utf-8")
    assert infomax("report", tmp_path) == 2
    assert "timings.json is not a list of timings" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, infomax: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "file"
    taken.write_text("mine", encoding="utf-8")
    assert infomax("reproduce", "--dataset", "digits", "--out", taken / "out") == 2
    assert "out cannot be made" in capsys.readouterr().err
    assert taken.read_text(encoding="utf-8") == "mine"


def test_the_list_names_every_part(infomax: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert infomax("list") == 0
    listed = capsys.readouterr().out
    for name in ("critics", "matched-bound", "infonce", "nwj", "inner-product", "convnet", "mnist"):
        assert name in listed


def test_the_version(infomax: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert infomax("--version") == 0
    assert capsys.readouterr().out == f"infomax {__version__}\n"


def test_processes_of_torchrun_do_not_each_run_the_studies(
    infomax: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert infomax("reproduce", "critics", "--dataset", "digits", "--out", tmp_path / "out") == 2
    assert "without torchrun" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
