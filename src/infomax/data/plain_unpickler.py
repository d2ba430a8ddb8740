"""Unpickling that runs nobody's code: plain containers and numpy arrays, and nothing else."""

import codecs
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from infomax.data.byte_streams import check_regular_file
from infomax.errors import UserError

__all__ = ["PlainUnpickler", "load_plain_pickle"]

# Taken from an array, since numpy moved the module this lives in between its versions 1 and 2.
_RECONSTRUCT_ARRAY: Final = cast(Callable[..., Any], np.empty(0).__reduce__()[0])

_ADMITTED: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT_ARRAY,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT_ARRAY,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    # How Python 3 writes bytes in the pickle protocols of Python 2.
    ("_codecs", "encode"): codecs.encode,
}


class PlainUnpickler(pickle.Unpickler):
    """An unpickler whose pickles can name numpy's array and its parts, and no other global.

    Lists, tuples, dicts, numbers, strings and bytes need no global and are always admitted.

    Args:
        stream: the pickle.
        source: what errors call it.

    Example:
        >>> import io
        >>> PlainUnpickler(io.BytesIO(pickle.dumps({b"labels": [3, 1]})), "batch").load()
        {b'labels': [3, 1]}
        >>> PlainUnpickler(io.BytesIO(pickle.dumps(print)), "batch").load()
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: batch: refused, ... names the global 'builtins.print', ...
    """

    def __init__(self, stream: io.BufferedIOBase, source: str) -> None:
        # Bytes, because Python 2 wrote its strings, and the pixels in them, as such.
        super().__init__(stream, encoding="bytes")
        self._source = source

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return what the pickle names, if it is admitted.

        Raises:
            UserError: if it is not; nothing of it is imported or called.
        """
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise UserError(
                f"{self._source}: refused, since the pickle names the global "
                f"'{module}.{name}', which could run code; expected only plain containers "
                "and numpy arrays"
            ) from None


def load_plain_pickle(path: Path) -> object:
    """Return what a pickle file holds, if that is plain containers and numpy arrays.

    Raises:
        UserError: if the file cannot be read, is no complete pickle, or names anything else.
    """
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            return PlainUnpickler(stream, str(path)).load()
    except UserError:
        raise
    # A damaged pickle may raise nearly anything, as the documentation of pickle says.
    except Exception as error:
        raise UserError(
            f"{path}: unreadable, truncated or corrupt ({error}); expected a pickle"
        ) from error
