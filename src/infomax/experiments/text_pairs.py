"""Dialogues as pairs to train on: the vocabulary of those that are trained on, and its tokens."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from infomax.data import ArraySource, ItemDataset, RowSplit
from infomax.data.dialogue_files import read_dialogues
from infomax.data.dialogues import DialogueSource
from infomax.data.tokens import Tokenizer, TokenPairSource, padded_tokens
from infomax.encoders import ENCODERS
from infomax.errors import UserError
from infomax.views import ContextResponse, ViewMaker

__all__ = [
    "TEXT_VIEWS",
    "check_text",
    "holds_text",
    "learnt_tokenizer",
    "settings_of_text",
    "texts_to_encode",
    "tokenized",
]

TEXT_VIEWS = "context-response"
"""The name of the views of dialogues."""

_DEFAULT_ENCODER = "bag"


def holds_text(items: ItemDataset) -> bool:
    """Tell whether items are dialogues, of which views are made as tokens."""
    return isinstance(items.x, DialogueSource)


def settings_of_text(
    encoder: str | None, view_options: Mapping[str, Any], encoder_options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the encoder of dialogues: one of text where none is named, as large as their tokens.

    Args:
        encoder: name of one; ``None`` where none is given.
        view_options: options of the views, which may say how many different tokens there are.
        encoder_options: options of the encoder that are given.

    Example:
        >>> settings_of_text(None, {"vocabulary_size": 500}, {"layer_sizes": [64]})
        {'encoder': 'bag', 'encoder_options': {'vocabulary_size': 500, 'layer_sizes': [64]}}
    """
    encoder = encoder or _DEFAULT_ENCODER
    options = dict(encoder_options)
    if _reads_tokens(encoder) and "vocabulary_size" in view_options:
        options = {"vocabulary_size": view_options["vocabulary_size"], **options}
    return {"encoder": encoder, "encoder_options": options}


def check_text(
    items: ItemDataset,
    views: ViewMaker | None,
    encoder: str,
    encoder_options: Mapping[str, Any],
) -> None:
    """Check that dialogues have views and an encoder of text, and other items have not.

    Args:
        items: of any kind.
        views: made of them.
        encoder: name or path of one.
        encoder_options: its options.

    Raises:
        UserError: if they have not.
    """
    of_text = isinstance(views, ContextResponse)
    if holds_text(items) and not of_text:
        raise UserError(
            f"{items.x.name} holds dialogues: their views are made by views {TEXT_VIEWS} "
            f"(--views {TEXT_VIEWS})"
        )
    if of_text and not holds_text(items):
        raise UserError(
            f"views {TEXT_VIEWS} are of dialogues, and {items.x.name} holds items of shape "
            f"{items.x.shape}: give a file of dialogues (.txt, .jsonl), or other views"
        )
    named = encoder in ENCODERS
    if named and of_text != _reads_tokens(encoder):
        fitting = [name for name in ENCODERS if _reads_tokens(name) == of_text]
        raise UserError(
            f"the encoder {encoder} reads {'numbers' if of_text else 'tokens of text'}, and "
            f"views are {'tokens of text' if of_text else 'numbers'}: choose {' or '.join(fitting)}"
        )
    if isinstance(views, ContextResponse) and named:
        embedded = int(encoder_options.get("vocabulary_size", 8_000))
        if embedded < views.vocabulary_size:
            raise UserError(
                f"views have up to {views.vocabulary_size:,} different tokens, and the encoder "
                f"{encoder} embeds {embedded:,}: give both the same vocabulary_size "
                "(view_options, encoder_options)"
            )


def learnt_tokenizer(items: ItemDataset, views: ViewMaker | None, split: RowSplit) -> Tokenizer:
    """Learn the vocabulary of the dialogues that are trained on.

    Args:
        items: pairs of dialogues.
        views: say how many different tokens there may be.
        split: which pairs are trained on.

    Raises:
        UserError: if the items are no dialogues, or no package is there to learn by.
    """
    if not (isinstance(items.x, DialogueSource) and isinstance(views, ContextResponse)):
        raise UserError(f"a vocabulary is learnt of dialogues, and {items.x.name} holds none")
    dialogues = items.x.dialogues.turns
    trained_on = np.unique(items.x.places[split.train, 0])
    return Tokenizer.learnt(
        (turn for number in trained_on for turn in dialogues[number]),
        vocabulary_size=views.vocabulary_size,
    )


def tokenized(items: ItemDataset, views: ViewMaker | None, tokenizer: Tokenizer) -> ItemDataset:
    """Return pairs of dialogues as pairs of token ids.

    Raises:
        UserError: if the items are no dialogues.
    """
    if not (isinstance(items.x, DialogueSource) and isinstance(views, ContextResponse)):
        raise UserError(f"tokens are cut of dialogues, and {items.x.name} holds none")
    return replace(items, x=TokenPairSource(items.x, tokenizer, views.length))


def texts_to_encode(data: str, views: ViewMaker | None, tokenizer: Tokenizer) -> ItemDataset:
    """Open texts for an encoder of contexts or responses: a line each, of one turn or more.

    Args:
        data: name or path of dialogues.
        views: as the encoder was trained on.
        tokenizer: likewise.

    Raises:
        UserError: if they cannot be read.
    """
    length = views.length if isinstance(views, ContextResponse) else 0
    dialogues = read_dialogues(data)
    # As a context is read, and as a response: which of the two is asked for is the view's matter.
    both = [
        padded_tokens(dialogues.turns, tokenizer, length, keep_last=keep_last)
        for keep_last in (True, False)
    ]
    return ItemDataset(ArraySource(np.concatenate(both, axis=1), dialogues.name))


def _reads_tokens(encoder: str) -> bool:
    return bool(getattr(ENCODERS.get(encoder), "reads_tokens", False))
