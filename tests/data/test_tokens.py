"""Text as tokens: a vocabulary that is the same again, and pairs of ids of one length."""

import builtins
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.data import Dialogues, read_dialogues
from infomax.data.tokens import END_OF_TURN, PADDING, Tokenizer, TokenPairSource, padded_tokens
from infomax.errors import UserError
from infomax.warnings import DataWarning

pytest.importorskip("tokenizers")

CONVERSATIONS = read_dialogues("conversations")
TURNS = [turn for turns in CONVERSATIONS.turns for turn in turns]
TOKENIZER = Tokenizer.learnt(TURNS, vocabulary_size=600)


def test_the_vocabulary_is_the_same_in_whatever_order_texts_come() -> None:
    again = Tokenizer.learnt(TURNS[::-1], vocabulary_size=600)
    assert again.to_json() == TOKENIZER.to_json()
    assert len(TOKENIZER) == 600
    read = Tokenizer(TOKENIZER.to_json())
    for one, other in zip(read.ids(TURNS), TOKENIZER.ids(TURNS), strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_every_text_has_tokens_within_the_vocabulary_that_are_none_of_ours(
    texts: list[str],
) -> None:
    for ids in TOKENIZER.ids(texts):
        assert ((ids > max(PADDING, END_OF_TURN)) & (ids < len(TOKENIZER))).all()


def naive_row(turns: tuple[str, ...], place: int, length: int) -> list[int]:
    closed = [[*ids.tolist(), END_OF_TURN] for ids in TOKENIZER.ids(turns)]
    context = [each for ids in closed[:place] for each in ids][-length:]
    response = closed[place][:length]
    sides = (side + [PADDING] * (length - len(side)) for side in (context, response))
    return [each for side in sides for each in side]


@pytest.mark.parametrize("length", [3, 12, 200])
def test_pairs_are_as_a_loop_over_their_turns_has_them(length: int) -> None:
    pairs = CONVERSATIONS.pairs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        source = TokenPairSource(pairs, TOKENIZER, length)
    chosen = np.array([149, 0, 3, 3, 77])
    rows = source.read(chosen)
    assert rows.dtype == np.float32
    assert rows.shape == (5, 2 * length) == (5, *source.shape)
    for row, (number, place) in zip(rows, pairs.places[chosen].tolist(), strict=True):
        assert row.tolist() == naive_row(CONVERSATIONS.turns[number], place, length)


def test_what_is_cut_is_counted_and_said() -> None:
    pairs = Dialogues.of_pairs([("a " * 9, "b"), ("c", "d " * 9), ("e", "f")]).pairs()
    with pytest.warns(DataWarning, match=r"of 3 pairs, 1 contexts .* 8 tokens.* 1 responses"):
        source = TokenPairSource(pairs, TOKENIZER, 8)
    assert (source.cut_contexts, source.cut_responses) == (1, 1)
    with pytest.raises(UserError, match="length is 0"):
        TokenPairSource(pairs, TOKENIZER, 0)


def test_texts_keep_their_last_or_their_first_tokens() -> None:
    texts = [("one two three", "four"), ("five",)]
    last = padded_tokens(texts, TOKENIZER, 3)
    first = padded_tokens(texts, TOKENIZER, 3, keep_last=False)
    whole = [
        np.concatenate([np.append(ids, END_OF_TURN) for ids in TOKENIZER.ids(turns)])
        for turns in texts
    ]
    np.testing.assert_array_equal(last[0], whole[0][-3:])
    np.testing.assert_array_equal(first[0], whole[0][:3])


def test_too_small_a_vocabulary_and_what_is_no_tokenizer_are_refused() -> None:
    with pytest.raises(UserError, match="vocabulary_size is 100: give at least 258"):
        Tokenizer.learnt(["a"], vocabulary_size=100)
    with pytest.raises(UserError, match="describes no tokenizer"):
        Tokenizer("{}")


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "tokenizers":
            raise ImportError(name)
        return whole(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match=r"pip install 'infomax\[dialogue\]'"):
        Tokenizer.learnt(["a"])
