"""Dialogues: their pairs, each of them once, and what their files may and may not hold."""

import gzip
import json
import warnings
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from infomax.data import Dialogues, open_data, read_dailydialog, read_dialogues
from infomax.data.dialogues import normalised
from infomax.errors import UserError
from infomax.warnings import DataWarning

DAILYDIALOG = Path(__file__).parents[3] / "shared" / "datasets" / "dialogue" / "dailydialog"
needs_dailydialog = pytest.mark.skipif(
    not DAILYDIALOG.is_dir(), reason="DailyDialog is not beside the repository"
)


def test_there_is_a_pair_for_each_turn_but_the_first() -> None:
    talk = Dialogues("talk", (("a b", "c", "d"), ("e", "f")))
    pairs = talk.pairs()
    assert pairs.texts() == [(("a b",), "c"), (("a b", "c"), "d"), (("e",), "f")]
    groups = pairs.items().groups
    assert groups is not None
    assert groups.tolist() == [0, 0, 1]


def test_repeats_are_left_out_wherever_they_come_from_and_counted() -> None:
    train = Dialogues("train", (("Tea?", "Yes.", "Here."), ("TEA !", "yes", "here"), ("x",)))
    assert dict(train.pairs().left_out) == {"one-turn dialogues": 1, "repeated dialogues": 1}
    test = Dialogues("test", (("Tea", "Yes", "Why?"), ("Tea?", "Yes.", "Here.")))
    found = test.pairs(without=[train])
    assert found.texts() == [(("Tea", "Yes"), "Why?")]
    assert dict(found.left_out) == {"repeated dialogues": 1, "repeated pairs": 1}
    assert len(test.pairs(without=[train], repeats=True)) == 4
    # No pair of the one is in the other, however the turns are written.
    seen = {pair for turns in train.turns for pair in pairwise(map(normalised, turns))}
    for context, response in found.texts():
        assert (normalised(context[-1]), normalised(response)) not in seen


def test_bytes_of_different_pairs_differ_and_zeros_close_them() -> None:
    pairs = Dialogues("talk", (("ab", "c", "d"), ("a", "bc"))).pairs()
    rows = pairs.read(np.arange(3))
    assert rows.shape == (3, *pairs.shape)
    assert len(np.unique(rows, axis=0)) == 3
    assert bytes(rows[0]).rstrip(b"\0") == b"ab\x1ec"


def test_labels_are_those_of_the_response() -> None:
    talk = Dialogues("talk", (("a", "b", "c"),), {"act": ((1, 2, 3),)})
    assert talk.pairs().labels("act").tolist() == [2, 3]
    with pytest.raises(UserError, match="emotion of turns is not known: act is"):
        talk.pairs().labels("emotion")
    with pytest.raises(UserError, match="one for each turn"):
        Dialogues("talk", (("a", "b"),), {"act": ((1,),)})


@pytest.mark.parametrize("bad", [("a",), ("a", "b", "c"), ("a", " "), "ab", ("a", 1)])
def test_a_pair_that_is_not_two_texts_is_refused(bad: object) -> None:
    with pytest.raises(UserError, match=r"pair 1 \(counted from 0\) .* two texts"):
        Dialogues.of_pairs([("a", "b"), bad])  # type: ignore[list-item]


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('["a", "\\ud800"]\n')
    with pytest.raises(UserError, match=r"talk.jsonl: dialogue 0 .* half a character"):
        read_dialogues(path)


TURNS = [["Tea?", "Yes, please."], ["Milk?", "No.", "Sugar?"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "".join(" ".join(f"{t} __eou__" for t in turns) + "\n" for turns in TURNS)),
        ("b.txt", "\n\n".join("\t".join(turns) for turns in TURNS)),
        ("c.jsonl", "".join(json.dumps(turns) + "\r\n" for turns in TURNS)),
        ("d.jsonl", "".join(json.dumps({"id": 1, "turns": turns}) + "\n" for turns in TURNS)),
        (
            "e.jsonl",
            "\n".join(
                json.dumps({"messages": [{"role": "x", "content": each} for each in turns]})
                for turns in TURNS
            ),
        ),
        ("f.txt", "\ufeff" + "\n".join("\t".join(turns) for turns in TURNS)),
    ],
)
def test_all_forms_are_read_alike(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    for each in (path, packed):
        assert [list(turns) for turns in read_dialogues(each).turns] == TURNS


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "holds no dialogue"),
        ("a.txt", b"\n \n", "holds no dialogue"),
        ("a.txt", b"a\tb\nc\t\xff\n", "line 2 is not UTF-8 .*: write the file again as UTF-8"),
        ("a.jsonl", b"[1, 2]\n", "line 1: a turn is 1: expected text"),
        ("a.jsonl", b'["a"\n', "line 1 is no JSON"),
        ("a.jsonl", b'{"text": "a"}\n', "line 1 holds no list of turns"),
        ("a.jsonl", b"[" * 100_000, "line 1 is no JSON"),
        ("a.txt.gz", b"a\tb", "cannot be read"),
    ],
)
def test_what_is_no_dialogue_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        read_dialogues(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_empty_and_one_turn_dialogues_are_counted_and_said(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("a __eou__ b __eou__\n __eou__ __eou__\nalone __eou__\n")
    with pytest.warns(DataWarning, match="1 empty dialogues, 1 one-turn dialogues left out"):
        items = open_data(str(path), cache=tmp_path)
    assert len(items) == 1
    path.write_text("alone\nand alone\n")
    with pytest.raises(UserError, match=r"no pair of a context .*\(2 one-turn dialogues\)"):
        open_data(str(path), cache=tmp_path)


def test_conversations_come_with_the_package() -> None:
    dialogues = read_dialogues("conversations")
    pairs = dialogues.pairs()
    assert len(dialogues) == 48
    assert len(pairs) == 150
    assert not pairs.left_out


def test_dialogues_take_no_columns_and_no_second_view(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no columns"):
        open_data("conversations", cache=tmp_path, x_columns=["a"])
    with pytest.raises(UserError, match=r"unknown data 'conversation'.*'conversations'"):
        open_data("conversation", cache=tmp_path)
    with pytest.raises(UserError, match="image_size"):
        open_data("conversations", cache=tmp_path, image_size=(8, 8))


def written_dailydialog(folder: Path, acts: str) -> None:
    """Write a training split of two dialogues as its makers pack it."""
    text = "Hi . __eou__ Hi ! __eou__\nWho ? __eou__ Me . __eou__ Oh . __eou__\n"
    with zipfile.ZipFile(folder / "train.zip", "w") as archive:
        archive.writestr("train/dialogues_train.txt", text)
        archive.writestr("train/dialogues_act_train.txt", acts)


def test_dailydialog_is_read_from_its_archive_and_unpacked(tmp_path: Path) -> None:
    written_dailydialog(tmp_path, "1 1 \n2 1 3 \n")
    found = read_dailydialog(tmp_path, "train")
    with zipfile.ZipFile(tmp_path / "train.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    for path in (tmp_path / "train.zip", tmp_path / "unpacked", tmp_path / "unpacked" / "train"):
        assert read_dailydialog(path, "train").turns == found.turns
        assert read_dialogues(path).turns == found.turns
    assert found.labels == {"act": ((1, 1), (2, 1, 3))}
    items = open_data(str(tmp_path), cache=tmp_path, labels="act")
    assert items.classes == ("1", "3")
    assert items.labels is not None
    assert items.labels.tolist() == [0, 0, 1]
    with pytest.raises(UserError, match="holds no test part of DailyDialog"):
        read_dailydialog(tmp_path, "test")


def test_labels_that_do_not_fit_a_dialogue_are_unknown_and_said(tmp_path: Path) -> None:
    written_dailydialog(tmp_path, "1 1 \n2 1 \n")
    with pytest.warns(DataWarning, match="1 dialogues have not one act .* line 2"):
        found = read_dailydialog(tmp_path, "train")
    assert found.labels["act"] == ((1, 1), (-1, -1, -1))
    written_dailydialog(tmp_path, "1 1 \n")
    with pytest.raises(UserError, match="2 dialogues and act labels of 1"):
        read_dailydialog(tmp_path, "train")


@needs_dailydialog
def test_dailydialog_leaks_as_was_measured_and_no_more_once_it_is_cleaned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # One dialogue has a label too few.
        train, validation, test = (
            read_dailydialog(DAILYDIALOG, split) for split in ("train", "validation", "test")
        )
    assert [len(each) for each in (train, validation, test)] == [11_118, 1_000, 1_000]
    assert [each.turn_count for each in (train, validation, test)] == [87_171, 8_069, 7_740]
    of_train = train.pairs()
    assert len(train.pairs(repeats=True)) == 76_053
    assert of_train.left_out["repeated dialogues"] == 872
    assert len(of_train) == 66_594
    seen = {pair for turns in train.turns for pair in pairwise(map(normalised, turns))}
    dialogues = {normalised(" ".join(turns)) for turns in train.turns}
    for other, count, share in ((validation, 118, 0.203), (test, 148, 0.238)):
        found = other.pairs(without=[train])
        leaked = [normalised(" ".join(turns)) in dialogues for turns in other.turns]
        assert sum(leaked) == count
        kept = {other.turns[number] for number, _ in found.places.tolist()}
        assert not kept & {turns for turns, is_in in zip(other.turns, leaked, strict=True) if is_in}
        every = [pair for turns in other.turns for pair in pairwise(map(normalised, turns))]
        assert np.mean([pair in seen for pair in every]) == pytest.approx(share, abs=5e-4)
        left = {
            (normalised(context[-1]), normalised(response)) for context, response in found.texts()
        }
        assert not left & seen
