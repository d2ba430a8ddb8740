"""Text as tokens: a vocabulary that is learnt from training text, and pairs of token ids."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import Indices
from infomax.data.dialogues import DialogueSource
from infomax.errors import UserError, missing_extra, reason_of
from infomax.warnings import DataWarning

__all__ = ["END_OF_TURN", "PADDING", "TokenPairSource", "Tokenizer", "padded_tokens"]

PADDING: Final = 0
"""The id that fills up the end of a text; it is no token."""

END_OF_TURN: Final = 1
"""The id that closes each turn."""

_SPECIAL: Final = ("[PAD]", "[END]")
_BYTES: Final = 256
_LEAST: Final = _BYTES + len(_SPECIAL)


class Tokenizer:
    """Cuts text into tokens of a vocabulary that was learnt from text.

    Byte-pair encoding on bytes, of text in lower case: whatever occurs most often side by side
    becomes one token, and no text is unknown, since each byte is a token, too. Cases and forms of
    a character that Unicode counts as compatible (NFKC) are one.

    Source: Sennrich, Haddow and Birch (2016), section 3.2; on bytes Radford et al. (2019),
    section 2.2. By Hugging Face's ``tokenizers``, an optional package (``infomax[dialogue]``).

    Args:
        described: as ``to_json`` gives it.

    Raises:
        UserError: if the package is not installed, or it is no description of a tokenizer.

    Example:
        >>> Tokenizer.learnt(["no tea", "more tea"], vocabulary_size=260)
        Tokenizer(260 tokens)
    """

    def __init__(self, described: str) -> None:
        tokenizers = _tokenizers()
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(described)
        # The package raises nothing narrower.
        except Exception as error:
            raise UserError(f"this describes no tokenizer ({reason_of(error)})") from error

    @classmethod
    def learnt(cls, texts: Iterable[str], *, vocabulary_size: int = 8_000) -> "Tokenizer":
        """Learn a vocabulary: the same texts give the same, in whatever order they come.

        Args:
            texts: those that are trained on, and no others.
            vocabulary_size: tokens at most; of little text there are fewer.

        Raises:
            UserError: if the package is not installed, or the size is below 258.
        """
        if vocabulary_size < _LEAST:
            raise UserError(
                f"vocabulary_size is {vocabulary_size}: give at least {_LEAST}, one for each byte "
                "and two to close turns and texts"
            )
        tokenizers = _tokenizers()
        parts = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
        tokenizer.normalizer = tokenizers.normalizers.Sequence(
            [tokenizers.normalizers.NFKC(), tokenizers.normalizers.Lowercase()]
        )
        tokenizer.pre_tokenizer = parts
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=vocabulary_size,
            special_tokens=[*_SPECIAL],
            initial_alphabet=parts.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        return cls(tokenizer.to_str())

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def __repr__(self) -> str:
        return f"Tokenizer({len(self)} tokens)"

    def to_json(self) -> str:
        """Return all that determines it, as text."""
        return str(self._tokenizer.to_str())

    def ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the ids of the tokens of each text, without any that close it."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(each.ids, dtype=np.int32) for each in found]


def _tokenizers() -> Any:
    try:
        import tokenizers  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise missing_extra("reading text as tokens", "dialogue") from error
    return tokenizers


class TokenPairSource:
    """Reads pairs of a context and its response as token ids, side by side.

    Each turn is cut into tokens once, and closed by ``END_OF_TURN``. Of a context the last tokens
    are kept, of a response the first; what is cut is counted, and said in a `DataWarning`.

    Args:
        pairs: contexts and responses.
        tokenizer: cuts them into tokens.
        length: tokens of a context and of a response at most; shorter ones end in ``PADDING``.

    Attributes:
        name: that of the pairs.
        shape: ``(2 * length,)``: a context, then a response.
        brightest: 1: ids are taken as they are.
        cut_contexts: how many contexts were longer.
        cut_responses: how many responses were longer.

    Raises:
        UserError: if the length is below 1.
    """

    brightest = 1.0

    def __init__(self, pairs: DialogueSource, tokenizer: Tokenizer, length: int) -> None:
        if length < 1:
            raise UserError(f"length is {length}: give the number of tokens of a text, at least 1")
        self.name, self._length = pairs.name, length
        self.shape: tuple[int, ...] = (2 * length,)
        dialogues = pairs.dialogues.turns
        closed = _closed(tokenizer.ids([turn for turns in dialogues for turn in turns]))
        # Turns of a dialogue lie side by side, so that a context is one stretch of ids.
        self._ids = np.concatenate(closed)
        ends = np.cumsum([len(each) for each in closed])
        first_turns = np.cumsum([0, *(len(turns) for turns in dialogues[:-1])])
        response = first_turns[pairs.places[:, 0]] + pairs.places[:, 1]
        begins = np.concatenate([[0], ends[:-1]])
        self._begin = begins[first_turns[pairs.places[:, 0]]]
        self._middle, self._end = begins[response], ends[response]
        self.cut_contexts = int((self._middle - self._begin > length).sum())
        self.cut_responses = int((self._end - self._middle > length).sum())
        self._warn()

    def __len__(self) -> int:
        return len(self._middle)

    def __repr__(self) -> str:
        return f"TokenPairSource({self.name!r}, {len(self)} pairs of {self._length} tokens)"

    def read(self, indices: Indices) -> NDArray[np.float32]:
        """Return the ids of some pairs, which float32 holds exactly: ``(n, 2 * length)``."""
        length = self._length
        begin, middle, end = (each[indices] for each in (self._begin, self._middle, self._end))
        rows = np.zeros((len(indices), 2 * length), np.float32)
        self._put(rows[:, :length], np.maximum(begin, middle - length), middle)
        self._put(rows[:, length:], middle, np.minimum(end, middle + length))
        return rows

    def _put(
        self, into: NDArray[np.float32], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> None:
        places = begin[:, None] + np.arange(into.shape[1])
        there = places < end[:, None]
        into[there] = self._ids[places[there]]

    def _warn(self) -> None:
        if not (self.cut_contexts or self.cut_responses):
            return
        warnings.warn(
            f"{self.name}: of {len(self):,} pairs, {self.cut_contexts:,} contexts are longer than "
            f"{self._length} tokens, of which the last are read, and {self.cut_responses:,} "
            "responses, of which the first are",
            DataWarning,
            stacklevel=4,
        )


def padded_tokens(
    texts: Sequence[Sequence[str]], tokenizer: Tokenizer, length: int, *, keep_last: bool = True
) -> NDArray[np.float32]:
    """Return texts of one turn or more as ids, each turn closed: ``(n, length)``.

    Args:
        texts: the turns of each.
        tokenizer: cuts them into tokens.
        length: tokens of a text; of longer ones some are cut, shorter ones end in ``PADDING``.
        keep_last: whether the last tokens of longer ones are kept, as of contexts; or the first.
    """
    closed = iter(_closed(tokenizer.ids([turn for turns in texts for turn in turns])))
    rows = np.zeros((len(texts), length), np.float32)
    for row, turns in zip(rows, texts, strict=True):
        ids = np.concatenate([next(closed) for _ in turns] or [np.array([], np.int32)])
        ids = ids[-length:] if keep_last else ids[:length]
        row[: len(ids)] = ids
    return rows


def _closed(ids: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    return [np.append(each, np.int32(END_OF_TURN)) for each in ids]
