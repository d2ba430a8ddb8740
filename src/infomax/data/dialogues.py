"""Dialogues, and the pairs of a context and its response that they give, each of them once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import Indices, ItemDataset
from infomax.errors import UserError

__all__ = ["DialogueSource", "Dialogues", "normalised"]

_LEAST_TURNS: Final = 2
_BETWEEN_TURNS: Final = "\x1e"
_WORDS: Final = re.compile(r"[^\W_]+")


def normalised(text: str) -> str:
    """Return the words of a text in lower case, with one space between them and nothing else.

    Texts that differ only in case, punctuation or spaces are the same text by this.

    Example:
        >>> normalised("Well , I don't know !"), normalised("...")
        ('well i don t know', '')
    """
    return " ".join(_WORDS.findall(text.lower()))


@dataclass(frozen=True, eq=False)
class Dialogues:
    """Holds dialogues, each a sequence of turns, as they stand in their file.

    Attributes:
        name: what messages and records call them.
        turns: of each dialogue, in the order that they were said; none is empty.
        labels: what is known of each turn, by the name of the kind (``act``, ``emotion``).
        left_out: how many there were of what could not be used, such as ``empty dialogues``.

    Raises:
        UserError: if labels are not one for each turn.

    Example:
        >>> talk = Dialogues("talk", (("Where is it?", "On the table.", "Thanks."),))
        >>> talk
        Dialogues('talk', 1 dialogues of 3 turns)
        >>> [(context, response) for context, response in talk.pairs().texts()]
        [(('Where is it?',), 'On the table.'), (('Where is it?', 'On the table.'), 'Thanks.')]
    """

    name: str
    turns: tuple[tuple[str, ...], ...]
    labels: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, values in self.labels.items():
            if [*map(len, values)] != [*map(len, self.turns)]:
                raise UserError(f"{self.name}: labels of kind {kind} are not one for each turn")
        for number, turns in enumerate(self.turns):
            try:
                "".join(turns).encode()
            except UnicodeEncodeError as error:
                # JSON can hold half of a character that takes two.
                raise UserError(
                    f"{self.name}: dialogue {number} (counted from 0) holds half a character "
                    f"({error.object[error.start]!r}), which UTF-8 cannot write: leave it out"
                ) from error

    @classmethod
    def of_pairs(cls, pairs: Iterable[Sequence[str]], name: str = "pairs") -> "Dialogues":
        """Return pairs of strings as dialogues of two turns.

        Args:
            pairs: ``(context, response)`` each.
            name: what messages call them.

        Raises:
            UserError: if one is not two texts that are not empty.

        Example:
            >>> Dialogues.of_pairs([("Tea?", "Yes, please."), ("Milk?", "No.")])
            Dialogues('pairs', 2 dialogues of 4 turns)
        """
        turns = []
        for index, pair in enumerate(pairs):
            both = tuple(pair) if isinstance(pair, list | tuple) else ()
            if len(both) != _LEAST_TURNS or not all(
                isinstance(each, str) and each.strip() for each in both
            ):
                raise UserError(
                    f"{name}: pair {index} (counted from 0) is {str(pair)[:60]!r}: expected two "
                    "texts that are not empty, (context, response)"
                )
            turns.append(tuple(each.strip() for each in both))
        return cls(name, tuple(turns))

    def __len__(self) -> int:
        return len(self.turns)

    def __repr__(self) -> str:
        return f"Dialogues({self.name!r}, {len(self)} dialogues of {self.turn_count} turns)"

    @property
    def turn_count(self) -> int:
        """The number of turns of all dialogues."""
        return sum(map(len, self.turns))

    def pairs(
        self, *, without: Sequence["Dialogues"] = (), repeats: bool = False
    ) -> "DialogueSource":
        """Return a pair for each turn but the first: what was said before it, and the turn.

        A dialogue that was there before is left out, and so is a pair whose turn and the turn
        before it were there before, side by side: in these dialogues themselves, or in others.
        Texts are the same if their words are (`normalised`). So no validation split of the pairs,
        however it is drawn, has an answer that training saw to the same turn.

        Args:
            without: dialogues that a model was or will be trained on, where these are to test it.
            repeats: keep whatever repeats, as was done by those who published such corpora.

        Raises:
            UserError: if no dialogue has two turns, or nothing is left.

        Example:
            >>> train = Dialogues("train", (("Tea?", "Yes!", "Here."), ("TEA", "Yes", "here")))
            >>> train.pairs()
            DialogueSource('train', 2 pairs of 1 dialogues; 1 repeated dialogues left out)
            >>> Dialogues("test", (("Hm.", "Tea?", "Yes."),)).pairs(without=[train])
            DialogueSource('test', 1 pairs of 1 dialogues; 1 repeated pairs left out)
        """
        seen_dialogues: set[str] = set()
        seen_pairs: set[tuple[str, str]] = set()
        for other in without:
            for words in map(_normalised_turns, other.turns):
                seen_dialogues.add(_joined(words))
                seen_pairs.update(pairwise(words))
        kept: list[tuple[int, int]] = []
        left_out = {"one-turn dialogues": 0, "repeated dialogues": 0, "repeated pairs": 0}
        for number, turns in enumerate(self.turns):
            if len(turns) < _LEAST_TURNS:
                left_out["one-turn dialogues"] += 1
                continue
            if repeats:
                kept += [(number, place) for place in range(1, len(turns))]
                continue
            words = _normalised_turns(turns)
            if _joined(words) in seen_dialogues:
                left_out["repeated dialogues"] += 1
                continue
            seen_dialogues.add(_joined(words))
            for place in range(1, len(turns)):
                pair = words[place - 1], words[place]
                if pair in seen_pairs:
                    left_out["repeated pairs"] += 1
                    continue
                seen_pairs.add(pair)
                kept.append((number, place))
        left_out = {**self.left_out, **{what: count for what, count in left_out.items() if count}}
        if not kept:
            found = (
                ", ".join(f"{count} {what}" for what, count in left_out.items()) or "no dialogue"
            )
            raise UserError(
                f"{self.name}: gives no pair of a context and a response ({found}): expected "
                "dialogues of two turns or more"
            )
        return DialogueSource(self, np.array(kept, dtype=np.int64), left_out)


def _normalised_turns(turns: Sequence[str]) -> list[str]:
    return [normalised(each) for each in turns]


def _joined(words: Sequence[str]) -> str:
    return " ".join(each for each in words if each)


class DialogueSource:
    """Reads pairs of a context and its response: as texts, or as bytes that tell them apart.

    Args:
        dialogues: what they are of.
        places: number of the dialogue and of the response in it, counted from 0: ``(n, 2)``.
        left_out: how many there were of what is not among them.

    Attributes:
        dialogues: as given.
        places: as given.
        left_out: as given.
        name: that of the dialogues.
        shape: of the bytes of one item.
        brightest: 1: bytes of text are no shades.
    """

    brightest = 1.0

    def __init__(
        self, dialogues: Dialogues, places: NDArray[np.int64], left_out: Mapping[str, int]
    ) -> None:
        self.dialogues, self.places, self.left_out = dialogues, places, left_out
        self.name = dialogues.name
        longest = max(
            sum(len(each.encode()) + 1 for each in turns[: place + 1])
            for turns, place in (
                (dialogues.turns[number], last)
                for number, last in {int(each): int(place) for each, place in places}.items()
            )
        )
        self.shape: tuple[int, ...] = (longest,)

    def __len__(self) -> int:
        return len(self.places)

    def __repr__(self) -> str:
        said = f"{len(self)} pairs of {len(np.unique(self.places[:, 0]))} dialogues"
        left_out = self.said_of_left_out()
        return f"DialogueSource({self.name!r}, {said}{f'; {left_out}' if left_out else ''})"

    def said_of_left_out(self) -> str:
        """Return in words how many there were of what is left out; nothing where that is none."""
        counts = ", ".join(f"{count:,} {what}" for what, count in self.left_out.items())
        return f"{counts} left out" if counts else ""

    def texts(self) -> list[tuple[tuple[str, ...], str]]:
        """Return the turns of each context, and the response."""
        turns = self.dialogues.turns
        return [(turns[number][:place], turns[number][place]) for number, place in self._at()]

    def items(self) -> ItemDataset:
        """Return the pairs as items, of which those of a dialogue are a group."""
        return ItemDataset(self, groups=self.places[:, 0])

    def labels(self, kind: str) -> NDArray[np.int64]:
        """Return what is known of each response: ``(n,)``.

        Raises:
            UserError: if nothing of that kind is known.
        """
        known = self.dialogues.labels.get(kind)
        if known is None:
            listed = ", ".join(self.dialogues.labels) or "nothing"
            raise UserError(f"{self.name}: {kind} of turns is not known: {listed} is")
        return np.array([known[number][place] for number, place in self._at()], dtype=np.int64)

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return the bytes of some pairs, closed by zeros: ``(n, *shape)``."""
        rows = np.zeros((len(indices), *self.shape), np.uint8)
        for row, (number, place) in zip(rows, self.places[indices].tolist(), strict=True):
            text = _BETWEEN_TURNS.join(self.dialogues.turns[number][: place + 1]).encode()
            row[: len(text)] = np.frombuffer(text, np.uint8)
        return rows

    def _at(self) -> list[tuple[int, int]]:
        return [(number, place) for number, place in self.places.tolist()]
