"""Pairs of PyTorch's data sets and loaders, and which of what they give are the two views."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from infomax.data import Indices
from infomax.errors import UserError, reason_of
from infomax.training import PairDataset, State, WhichView, seeded_globally

__all__ = ["LoaderBatches", "TorchPairDataset", "TwoViews", "two_views"]

_FORMATS: Final = "(x, y), ((x, y), label) or a dictionary with two tensors"
_LABELS: Final = {"class", "id", "idx", "index", "label", "labels", "target", "targets"}
_BOTH: Final = 2
_CLEAN_SEED = 0


class TwoViews(NamedTuple):
    """Views of a batch in float32, ``(N, ...)`` each, and what stood beside them."""

    x: Tensor
    y: Tensor
    left_out: str


class TorchPairDataset(PairDataset):
    """Pairs that a map-style data set gives by their number.

    They are read between updates, not ahead: the global generators, which items may draw from, are
    one for all threads.

    Args:
        dataset: ``dataset[i]`` holds two tensors or arrays, x and y, in one of the forms that
            ``two_views`` takes; it has a length. What an item draws from the global generators of
            PyTorch, NumPy and Python is drawn from the run's seed.
        device: where they are encoded.
        collate: list of items -> batch.

    Raises:
        UserError: if the data set has no length, is empty, or gives something else.
    """

    def __init__(
        self,
        dataset: Dataset[object],
        device: torch.device,
        collate: Callable[[list[object]], object] = default_collate,
    ) -> None:
        try:
            self._count = len(dataset)  # type: ignore[arg-type]
        except TypeError as error:
            raise UserError(
                f"{type(dataset).__name__} has no length: give a map-style data set, or a "
                "DataLoader of yours"
            ) from error
        if not self._count:
            raise UserError(f"{type(dataset).__name__} is empty: expected pairs")
        self.name = type(dataset).__name__
        self._dataset = dataset
        self._device = device
        self._collate = collate
        x, y, self.left_out = self._two_views(torch.tensor([0]), torch.Generator())
        self.x_shape, self.y_shape = tuple(x.shape[1:]), tuple(y.shape[1:])

    def __len__(self) -> int:
        return self._count

    def read(self, indices: Tensor) -> Tensor:
        """Return the indices: items are read where their views are made."""
        return indices

    def make_views(self, read: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Read some items and return their views on the device."""
        x, y, _ = self._two_views(read, generator)
        return x.to(self._device), y.to(self._device)

    def clean_views(
        self, indices: Indices, batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        """Yield one view of some pairs, always the same: what is random is drawn from one seed."""
        generator = torch.Generator().manual_seed(_CLEAN_SEED)
        for x, y in self.pairs(indices, batch_size, generator):
            yield x if view == "x" else y

    def _two_views(self, indices: Tensor, generator: torch.Generator) -> TwoViews:
        drawn = torch.randint(2**62, (), generator=generator, device=generator.device)
        with seeded_globally(int(drawn)):
            items = [self._dataset[index] for index in indices.tolist()]
            try:
                batch = self._collate(items)
            except (TypeError, ValueError, RuntimeError, KeyError) as error:
                raise UserError(
                    f"items of {self.name} cannot be put together to a batch "
                    f"({reason_of(error)}): give tensors or arrays, of the same shape for all items"
                ) from error
        return two_views(batch, f"{self.name}[{int(indices[0])}]")


class LoaderBatches:
    """An endless stream of what a DataLoader gives, pass after pass.

    Where it is in the data is known to the loader alone, so such a training cannot be resumed.

    Args:
        loader: gives batches in one of the forms that ``two_views`` takes.
        device: where they are encoded.

    Attributes:
        batch_size: pairs in the first batch.
        left_out: what batches hold beside views; empty where that is nothing.

    Raises:
        UserError: if the loader gives no batch, or something other than pairs.
    """

    def __init__(self, loader: DataLoader[Any], device: torch.device) -> None:
        self._loader = loader
        self._device = device
        self._left: Iterator[Any] = iter(())
        # Read now to learn what there is, and trained on first of all.
        self._first: TwoViews | None = self._read()
        self.batch_size, self.left_out = len(self._first.x), self._first.left_out

    def __repr__(self) -> str:
        return (
            f"LoaderBatches({type(self._loader.dataset).__name__!r}, batches of {self.batch_size})"
        )

    @property
    def rows(self) -> int | None:
        """Number of pairs in the data; ``None`` where the data are a stream."""
        data: Any = self._loader.dataset
        return len(data) if hasattr(data, "__len__") else None

    def first(self) -> tuple[Tensor, Tensor]:
        """Return two pairs of the first batch, which is still to come."""
        x, y, _ = self._first or self._read()
        return x[:2].to(self._device), y[:2].to(self._device)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: x ``(1, N, ...)`` and y ``(1, N, ...)``.

        Raises:
            UserError: if the loader gives no batch, something other than pairs, or a single pair.
        """
        x, y, _ = self._first or self._read()
        self._first = None
        return x.to(self._device).unsqueeze(0), y.to(self._device).unsqueeze(0)

    def _read(self) -> TwoViews:
        batch = next(self._left, None)
        if batch is None:
            self._left = iter(self._loader)
            batch = next(self._left, None)
        if batch is None:
            raise UserError("the DataLoader gives no batch: its batches are larger than its data")
        views = two_views(batch, "the DataLoader")
        if len(views.x) != len(views.y) or len(views.x) < 2:
            raise UserError(
                f"the DataLoader gives a batch of {len(views.x)} x and {len(views.y)} y: expected "
                "as many of both, and at least two; drop_last=True leaves out a last one of one"
            )
        return views

    def state(self) -> State:
        """Return nothing: the loader keeps its position to itself."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:  # noqa: ARG002
        """Refuse: the loader cannot be put where it was."""
        raise UserError(
            "a training on a DataLoader cannot be resumed: give the Dataset itself, whose order is "
            "then ours and is kept"
        )


def two_views(batch: object, source: str) -> TwoViews:
    """Return the two views of a batch, whichever of the common forms it has.

    - ``(x, y)``, and maybe more behind them;
    - ``((x, y), label)``, ``([x, y], label, name)``: views first, together;
    - a dictionary: the entries ``x`` and ``y`` where both are there, else its only two tensors, the
      first of them x. Keys such as ``label``, ``target`` and ``index`` are no views.

    A view of one floating-point number for each item is ``(N, 1)``.

    Args:
        batch: collated.
        source: what gave it, for messages.

    Raises:
        UserError: if it holds one view, more than two, or none.

    Example:
        >>> images, texts, classes = torch.zeros(5, 3), torch.ones(5, 4), torch.arange(5)
        >>> found = two_views({"image": images, "text": texts, "label": classes}, "the data")
        >>> found.x.shape, found.y.shape, found.left_out
        (torch.Size([5, 3]), torch.Size([5, 4]), "'label'")
        >>> two_views([(images, texts), classes], "the data").left_out
        'what stands behind the first two'
    """
    if isinstance(batch, Mapping):
        return _of_mapping(batch, source)
    if not isinstance(batch, (list, tuple)) or not batch:
        raise UserError(f"{source} gives {_described(batch)}: expected {_FORMATS}")
    views: Sequence[object] = batch
    behind = len(batch) > _BOTH
    if isinstance(batch[0], (list, tuple)):
        views, behind = batch[0], len(batch) > 1
        if len(views) != _BOTH:
            raise UserError(
                f"{source}: the first entry holds {len(views)} views: expected two, in {_FORMATS}"
            )
    if len(views) < _BOTH:
        raise UserError(f"{source} gives one view of each item: expected {_FORMATS}")
    x, y = (
        _view(each, name, source) for each, name in zip(views, ("first", "second"), strict=False)
    )
    return TwoViews(x, y, "what stands behind the first two" if behind else "")


def _of_mapping(batch: Mapping[object, object], source: str) -> TwoViews:
    tensors = [
        key
        for key, value in batch.items()
        if isinstance(value, Tensor) and str(key).lower() not in _LABELS
    ]
    keys = ["x", "y"] if {"x", "y"} <= set(tensors) else tensors
    if len(keys) != _BOTH:
        raise UserError(
            f"{source} gives a dictionary of {', '.join(map(repr, batch))}, in which "
            f"{len(keys)} tensors may be views: expected two, or the keys 'x' and 'y'"
        )
    x, y = (_view(batch[key], repr(key), source) for key in keys)
    return TwoViews(x, y, ", ".join(repr(key) for key in batch if key not in keys))


def _view(given: object, name: str, source: str) -> Tensor:
    if not isinstance(given, Tensor):
        raise UserError(
            f"{source}: the {name} entry is {_described(given)} and no tensor: expected {_FORMATS}"
        )
    if given.is_complex():
        raise UserError(
            f"{source}: the {name} entry holds complex numbers: give real and imaginary parts side "
            "by side, as torch.view_as_real does"
        )
    if given.ndim > 1:
        return given.to(torch.float32)
    if given.is_floating_point() and given.ndim:
        return given.to(torch.float32).unsqueeze(1)
    raise UserError(
        f"{source}: the {name} entry is one whole number for each item, as labels are, and no "
        f"view: expected {_FORMATS}"
    )


def _described(given: object) -> str:
    if isinstance(given, (list, tuple)) and given and isinstance(given[0], str):
        return "text"
    return f"a {type(given).__name__}"
