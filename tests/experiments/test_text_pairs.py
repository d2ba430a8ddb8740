"""Dialogues from a file to codes: trained, resumed to the same bits, encoded, and refused."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from infomax.data import read_dialogues
from infomax.data.tokens import Tokenizer, padded_tokens
from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.run import checked_settings
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.trained_run import TrainedRun
from tests.cli.conftest import infomax as infomax  # noqa: PLC0414 - a fixture

pytest.importorskip("tokenizers")

Run = Callable[..., tuple[int, str, str]]
SMALL = (
    *("train", "--data", "conversations", "--views", "context-response", "--device", "cpu"),
    *("--bound", "infonce-symmetric", "--batch-size", "16", "--validation", "0.3"),
    *("--evaluate-every", "1000"),
    *("--view-options", "length=32", "--view-options", "vocabulary_size=500"),
)


def test_dialogues_are_trained_on_and_texts_encoded(infomax: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    code, _, errors = infomax(*SMALL, "--steps", "20", "--out", str(run))
    assert code == 0, errors
    assert "Jacobian" not in errors
    folder = RunFolder(run)
    config = folder.config()
    assert (config.encoder, config.shared_encoder) == ("bag", True)
    assert config.encoder_options == {"vocabulary_size": 500}
    tokenizer = folder.tokenizer()
    assert tokenizer is not None
    assert len(tokenizer) == 500

    # The vocabulary knows nothing of what is held out.
    dialogues = read_dialogues("conversations")
    places = dialogues.pairs().places[:, 0]
    with np.load(run / "split.npz") as split:
        train, held_out = set(places[split["train"]]), set(places[split["validation"]])
    assert not train & held_out
    learnt = Tokenizer.learnt(
        [turn for number in sorted(train) for turn in dialogues.turns[number]], vocabulary_size=500
    )
    assert tokenizer.to_json() == learnt.to_json()

    texts = tmp_path / "texts.txt"
    texts.write_text("Is the shop open?\nIs it? __eou__ Yes. __eou__\n")
    for view in ("x", "y"):
        out = tmp_path / f"{view}.npy"
        code, _, errors = infomax("encode", str(run), str(texts), "--out", str(out), "--view", view)
        assert code == 0, errors
        ids = padded_tokens(read_dialogues(texts).turns, tokenizer, 32, keep_last=view == "x")
        encoder = TrainedRun(run, view=view).encoder
        with torch.no_grad():
            expected = encoder(torch.from_numpy(ids)).numpy()
        np.testing.assert_allclose(np.load(out), expected, rtol=1e-5, atol=1e-6)


def test_a_run_is_resumed_to_the_same_bits(infomax: Run, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert infomax(*SMALL, "--steps", "12", "--out", str(whole))[0] == 0
    assert infomax(*SMALL, "--steps", "6", "--out", str(cut))[0] == 0
    code, _, errors = infomax("train", "--resume", "--steps", "12", "--out", str(cut))
    assert code == 0, errors
    models = [TrainedRun(each, "last").model.state_dict() for each in (whole, cut)]
    assert all(torch.equal(models[0][name], models[1][name]) for name in models[0])


def test_training_goes_on_with_the_vocabulary_that_it_starts_from(
    infomax: Run, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert infomax(*SMALL, "--steps", "5", "--out", str(first))[0] == 0
    other = tmp_path / "other.jsonl"
    turns = read_dialogues("conversations").turns
    other.write_text("".join(json.dumps(list(each[::-1])) + "\n" for each in turns))
    of_other = [str(other) if each == "conversations" else each for each in SMALL]
    code, _, errors = infomax(
        *of_other, "--steps", "5", "--start-from", str(first), "--out", str(second)
    )
    assert code == 0, errors
    kept = [(each / "tokenizer.json").read_text() for each in (first, second)]
    assert kept[0] == kept[1]


def test_the_transformer_learns_conversations_by_heart(infomax: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    code, _, errors = infomax(
        *(*SMALL, "--steps", "60", "--out", str(run), "--encoder", "transformer"),
        *("--learning-rate", "0.003", "--evaluate-every", "30"),
        *("--encoder-options", "code_size=32", "--encoder-options", "heads=2"),
    )
    assert code == 0, errors
    records = RunFolder(run).records()
    assert records is not None
    bound = records.query("metric == 'bound' and split == 'train'").sort_values("step")["value"]
    assert bound.iloc[-1] > bound.iloc[1] + 0.3


def refusal(infomax: Run, tmp_path: Path, *flags: str) -> str:
    code, _, errors = infomax("train", "--steps", "2", "--out", str(tmp_path / "no"), *flags)
    assert code == 2
    return re.sub(r"\s+", " ", errors)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--data", "conversations"), "holds dialogues: their views are made by"),
        (("--data", "conversations", "--views", "halves"), "holds dialogues: their views are"),
        (("--data", "digits", "--views", "context-response"), "views context-response are of"),
        (
            ("--data", "conversations", "--views", "context-response", "--encoder", "mlp"),
            "the encoder mlp reads numbers, and views are tokens of text: choose bag or",
        ),
        (
            ("--data", "digits", "--views", "halves", "--encoder", "bag"),
            "the encoder bag reads tokens of text, and views are numbers: choose mlp",
        ),
        (
            (
                *("--data", "conversations", "--views", "context-response", "--batch-size", "16"),
                *("--encoder-options", "vocabulary_size=300"),
            ),
            "up to 8,000 different tokens, and the encoder bag embeds 300",
        ),
    ],
)
def test_what_does_not_fit_is_said(
    infomax: Run, tmp_path: Path, flags: tuple[str, ...], message: str
) -> None:
    assert message in refusal(infomax, tmp_path, *flags)
    assert not (tmp_path / "no").exists()


def test_a_vocabulary_is_given_to_the_encoder_unless_it_has_one() -> None:
    given = {"data": "conversations", "views": "context-response"}
    assert checked_settings(given).encoder_options == {}
    larger = {**given, "view_options": {"vocabulary_size": 9_000}, "encoder": "transformer"}
    assert checked_settings(larger).encoder_options == {"vocabulary_size": 9_000}
    own = {**larger, "encoder_options": {"vocabulary_size": 9_999}, "shared_encoder": False}
    assert checked_settings(own).encoder_options == {"vocabulary_size": 9_999}
    assert not checked_settings(own).shared_encoder
    halves = {"data": "mnist", "views": "halves"}
    assert checked_settings(halves) == RunConfig.checked(halves)


def test_a_damaged_vocabulary_is_named(infomax: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert infomax(*SMALL, "--steps", "2", "--out", str(run))[0] == 0
    (run / "tokenizer.json").write_text("{")
    with (
        warnings.catch_warnings(),
        pytest.raises(UserError, match=r"tokenizer.json: this describes no tokenizer"),
    ):
        TrainedRun(run)
