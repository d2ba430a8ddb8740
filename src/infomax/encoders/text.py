"""Encoders of text that comes as token ids: the mean of embeddings, and a small transformer.

Views are ``(N, length)`` ids, which may be floats; 0 fills up the end of a text and is no token.
What an encoder makes of a text depends neither on the texts beside it nor on how much is filled up.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from infomax.encoders.encoder import Encoder, ViewShape, flattened
from infomax.encoders.mlp import MLPEncoder
from infomax.errors import UserError
from infomax.layers import undrawn

__all__ = ["BagEncoder", "TransformerEncoder"]

_PADDING: Final = 0
_AXES_OF_TEXT: Final = 1
_SHORTEST_BUCKET: Final = 16


class BagEncoder(Encoder):
    r"""Encodes a text by the mean of its tokens' embeddings, and a perceptron.

    .. math:: g(t_1, \dots, t_n) = m\Bigl(\frac{1}{n} \sum_i e_{t_i}\Bigr)

    The order of the tokens is of no matter. A text without tokens has the mean 0.

    Source: Iyyer, Manjunatha, Boyd-Graber and Daume (2015), section 3 (deep averaging network).

    Args:
        view_shape: ``(length,)``.
        generator: draws the weights.
        vocabulary_size: ids are below it.
        embedding_size: values of the embedding of a token.
        layer_sizes: outputs of each layer of the perceptron; the last is the size of the code.

    Raises:
        UserError: if views are no text, or a size is below 1.

    Example:
        >>> encoder = BagEncoder((6,), torch.Generator().manual_seed(0), vocabulary_size=10)
        >>> texts = torch.tensor([[3.0, 4, 5, 0, 0, 0], [5.0, 3, 4, 0, 0, 0]])
        >>> encoder(texts).shape, torch.allclose(*encoder(texts))
        (torch.Size([2, 128]), True)
    """

    reads_tokens = True

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        vocabulary_size: int = 8_000,
        embedding_size: int = 128,
        layer_sizes: tuple[int, ...] = (256, 128),
    ) -> None:
        super().__init__()
        _check_text("bag", view_shape)
        self.view_shape = view_shape
        self.embedding = _embedding(vocabulary_size, embedding_size, generator)
        self.perceptron = MLPEncoder((embedding_size,), generator, layer_sizes=layer_sizes)
        self.code_size = self.perceptron.code_size

    def forward(self, view: Tensor) -> Tensor:
        """Encode ids ``(N, length)`` -> ``(N, code_size)``."""
        ids = _ids_of(view, self.view_shape)
        mean = functional.embedding_bag(
            ids, self.embedding.weight, mode="mean", padding_idx=_PADDING
        )
        return self.perceptron(mean)


class TransformerEncoder(Encoder):
    """Encodes a text by a transformer's encoder, and the mean of what it gives at each token.

    Layers normalise before attention and perceptron, which has four times as many units; positions
    are sines and cosines. A batch is worked on in parts of texts of like length (up to 16 tokens,
    32, 64, ...), so that short ones do not cost what long ones do and batches stay as they were
    drawn. Each part is filled up as far as its longest text, which attention does not see.

    Source: Vaswani et al. (2017), section 3; normalised before: Xiong et al. (2020), figure 1b.

    Args:
        view_shape: ``(length,)``.
        generator: draws the weights.
        vocabulary_size: ids are below it.
        code_size: values of an embedding, of each layer, and of the code.
        layers: how many.
        heads: of attention in each layer; they divide the size.
        dropout: share of values that are dropped in training.

    Raises:
        UserError: if views are no text, a size is below 1, or the heads do not divide it.

    Example:
        >>> options = {"vocabulary_size": 10, "code_size": 8, "heads": 2}
        >>> encoder = TransformerEncoder((6,), torch.Generator().manual_seed(0), **options)
        >>> texts = torch.tensor([[3.0, 4, 5, 0, 0, 0], [5.0, 3, 4, 0, 0, 0]])
        >>> encoder(texts).shape, torch.allclose(*encoder(texts))
        (torch.Size([2, 8]), False)
    """

    reads_tokens = True
    positions: Tensor

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        vocabulary_size: int = 8_000,
        code_size: int = 128,
        layers: int = 2,
        heads: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        _check_text("transformer", view_shape)
        if min(code_size, layers, heads) < 1 or code_size % (2 * heads):
            raise UserError(
                f"code_size is {code_size}, with {layers} layers of {heads} heads: give a size "
                "that twice the heads divide, such as 128 for 4, and at least one layer"
            )
        if not 0 <= dropout < 1:
            raise UserError(f"dropout is {dropout}: give a share of at least 0 and below 1")
        self.view_shape = view_shape
        self.code_size = code_size
        self.embedding = _embedding(vocabulary_size, code_size, generator)
        layer = undrawn_layer(code_size, heads, dropout)
        self.layers = nn.TransformerEncoder(
            layer, layers, norm=nn.LayerNorm(code_size), enable_nested_tensor=False
        )
        for name, parameter in self.layers.named_parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter, generator=generator)
            else:
                nn.init.constant_(parameter, float("norm" in name and name.endswith("weight")))
        self.register_buffer("positions", _sinusoids(view_shape[0], code_size), persistent=False)

    def forward(self, view: Tensor) -> Tensor:
        """Encode ids ``(N, length)`` -> ``(N, code_size)``."""
        ids = _ids_of(view, self.view_shape)
        # What is exported takes batches of any lengths, and is not to branch on those of one.
        if torch.compiler.is_compiling() or not len(ids):
            return self._encoded(ids)
        lengths = (ids != _PADDING).sum(dim=1)
        codes = self.embedding.weight.new_empty(len(ids), self.code_size)
        parts = []
        shortest, longest = -1, _SHORTEST_BUCKET
        while shortest < ids.shape[1]:
            longest = longest if 2 * longest <= ids.shape[1] else ids.shape[1]
            rows = ((lengths > shortest) & (lengths <= longest)).nonzero().squeeze(1)
            if len(rows):
                parts.append((rows, ids[rows, : max(int(lengths[rows].max()), 1)]))
            shortest, longest = longest, 2 * longest
        if len(parts) == 1:
            return self._encoded(parts[0][1])
        encoded = [self._encoded(some) for _, some in parts]
        return codes.index_copy(
            0, torch.cat([rows for rows, _ in parts]), torch.cat(encoded).to(codes.dtype)
        )

    def _encoded(self, ids: Tensor) -> Tensor:
        """Encode texts of like length, filled up to the longest: ``(n, l)`` -> ``(n, d)``."""
        there = ids != _PADDING
        scale = math.sqrt(self.code_size)
        embedded = scale * functional.embedding(ids, self.embedding.weight)
        embedded = embedded + self.positions[: ids.shape[1]]
        # Attention to nothing at all is not a number: of no text it sees the first place.
        hidden = ~there
        first = torch.arange(ids.shape[1], device=ids.device) == 0
        hidden = hidden & ~(first & hidden.all(dim=1, keepdim=True))
        states = self.layers(embedded, src_key_padding_mask=hidden)
        weights = there.to(states.dtype).unsqueeze(-1)
        total: Tensor = (states * weights).sum(dim=1)
        return total / weights.sum(dim=1).clamp(min=1)


def undrawn_layer(size: int, heads: int, dropout: float) -> nn.TransformerEncoderLayer:
    """Return a layer of a transformer; its weights are for the caller to draw."""
    with torch.random.fork_rng([]):  # PyTorch draws them from its global generator.
        return nn.TransformerEncoderLayer(
            size,
            heads,
            dim_feedforward=4 * size,
            dropout=dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )


def _embedding(vocabulary_size: int, size: int, generator: torch.Generator) -> nn.Embedding:
    """Return embeddings of unit variance over the root of their size, that of padding 0."""
    embedding = undrawn(nn.Embedding, vocabulary_size, size, padding_idx=_PADDING)
    with torch.no_grad():
        embedding.weight.normal_(std=size**-0.5, generator=generator)
        embedding.weight[_PADDING] = 0
    return embedding


def _sinusoids(length: int, size: int) -> Tensor:
    places = torch.arange(length, dtype=torch.float64)[:, None]
    waves = 10_000 ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    return torch.stack([(places * waves).sin(), (places * waves).cos()], dim=2).flatten(1).float()


def _check_text(encoder: str, view_shape: ViewShape) -> None:
    if len(view_shape) != _AXES_OF_TEXT:
        raise UserError(
            f"{encoder} reads text, as token ids (length,), and views are {view_shape}: choose "
            "convnet, resnet or mlp"
        )


def _ids_of(view: Tensor, view_shape: ViewShape) -> Tensor:
    return flattened(view, view_shape).long()
