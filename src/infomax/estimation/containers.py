"""Whatever users keep measurements in, as a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from numpy.typing import NDArray
from scipy import sparse

from infomax.errors import UserError, message_of

__all__ = ["as_table", "named_table"]

# Two GiB of float64.
_MOST_VALUES_OF_SPARSE = 2**28


def as_table(data: Any, side: str) -> pd.DataFrame:
    """Return measurements as a table, its rows numbered from 0.

    Names are kept where there are any: those of pandas, of Arrow, of Polars and whatever else hands
    out Arrow data, and the keys of a dictionary of columns. Columns of arrays, tensors and sparse
    matrices are ``x0``, ``x1``, ... by the name of their side.

    Args:
        data: ``(N,)`` or ``(N, columns)``.
        side: ``x`` or ``y``, for names and errors.

    Raises:
        UserError: if it is no such thing, or is still to be computed.

    Example:
        >>> list(as_table({"a": [1, 2], "b": [3, 4]}, "x").columns)
        ['a', 'b']
        >>> list(as_table([[1, 2], [3, 4]], "x").columns)
        ['x0', 'x1']
    """
    table = named_table(data, side)
    if table is None:
        array = _array(data, side)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2:
            raise UserError(f"{side} has shape {array.shape}: expected (N,) or (N, columns)")
        table = pd.DataFrame(array, columns=[f"{side}{index}" for index in range(array.shape[1])])
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()][0]
        raise UserError(f"{side} has two columns named {twice!r}: give each a name of its own")
    if not table.shape[1]:
        raise UserError(f"{side} has no columns: give at least one")
    return table.reset_index(drop=True)


def named_table(data: Any, side: str) -> pd.DataFrame | None:
    """Return measurements whose columns have names as a table; none if they have none.

    Raises:
        UserError: if rows are still to be computed, or columns differ in length.
    """
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return data.to_frame(side if data.name is None else data.name)
    kind = type(data)
    for compute in ("collect", "compute"):
        # Asked of the class: a lazy frame may warn of what its attributes cost.
        if hasattr(kind, compute) and hasattr(kind, "columns"):
            raise UserError(
                f"{side} is a {kind.__name__}, whose rows are still to be computed: give them "
                f"({side}.{compute}())"
            )
    try:
        # A sparse matrix of SciPy may be a dictionary, too.
        if isinstance(data, Mapping) and not sparse.issparse(data):
            return pd.DataFrame(dict(data))
        if hasattr(kind, "__arrow_c_stream__") or isinstance(data, (pa.RecordBatch, pa.Array)):
            return _of_arrow(data, side)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise UserError(
            f"{side} is a {kind.__name__} that is no table ({message_of(error)}): give one value "
            "for each row in every column"
        ) from error
    return None


def _of_arrow(data: Any, side: str) -> pd.DataFrame:
    try:
        table = pa.table(data)
    except (ValueError, TypeError):  # One column, as a Series of Polars is.
        named = getattr(data, "name", None) or side
        column = data if isinstance(data, pa.Array) else pa.chunked_array(data)
        table = pa.table({named: column})
    # Else pandas would take whole numbers beside a missing one for floating point.
    cells: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    return cells


def _array(data: Any, side: str) -> NDArray[Any]:
    kind = type(data)
    if isinstance(data, (str, bytes)):
        raise UserError(
            f"{side} is the text {data[:40]!r}: give measurements, such as those that "
            "infomax.data.read_table reads from a file"
        )
    try:
        if sparse.issparse(data):
            return _of_sparse(data, side)
        if isinstance(data, torch.Tensor):
            return _of_tensor(data, side)
        # As an array alone, what is masked would be read as if it were not.
        if np.ma.is_masked(data):
            return np.ma.filled(data.astype(np.float64), np.nan)
        array = np.asarray(data)
    except UserError:
        raise
    except (ValueError, TypeError, RuntimeError, MemoryError) as error:
        if isinstance(data, (list, tuple)) and isinstance(error, ValueError):
            raise UserError(f"{side} is no array: its rows differ in length") from None
        raise UserError(f"{side} cannot be taken as an array: {message_of(error)}") from error
    if array.dtype.names is not None:
        raise UserError(f"{side} is an array of records: give a table, pandas.DataFrame({side})")
    if array.dtype.kind == "O" and not array.ndim:
        raise UserError(
            f"{side} is a {kind.__name__}: expected measurements, as an array, a list, a tensor, a "
            "table or a dictionary of columns"
        )
    return array


def _of_sparse(data: Any, side: str) -> NDArray[Any]:
    if np.prod(data.shape, dtype=float) > _MOST_VALUES_OF_SPARSE:
        raise UserError(
            f"{side} is a sparse matrix of shape {data.shape}, too large to be written out: give "
            "the columns that matter, or fewer made of them (sklearn.decomposition.TruncatedSVD)"
        )
    dense: NDArray[Any] = data.toarray()
    return dense


def _of_tensor(data: torch.Tensor, side: str) -> NDArray[Any]:
    if data.is_meta:
        raise UserError(f"{side} is a tensor on the device meta, which holds no values")
    data = data.cpu()
    if data.layout != torch.strided:
        data = data.to_dense()
    if data.dtype.is_floating_point and data.element_size() < 4:
        # NumPy has no bfloat16; float32 has all its values.
        data = data.float()
    return data.numpy()
