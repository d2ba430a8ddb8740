"""The files of ``infomax audit``: codes, what encoders saw, and what is told of pairs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infomax.cli.estimate_sides import chosen_sides
from infomax.cli.measurement_files import read_tables
from infomax.errors import UserError

__all__ = ["AuditInputs", "read_inputs"]


@dataclass(frozen=True, eq=False)
class AuditInputs:
    """What was read of files.

    Attributes:
        codes: both sides by name, those that are asked about first.
        told: what ``audit_codes`` takes beside them, by its parameters.
        warnings: of the tables.
    """

    codes: Mapping[str, tuple[Any, Any]]
    told: Mapping[str, Any]
    warnings: list[Warning]


def read_inputs(
    files: list[Path],
    *,
    x: list[str] | None,
    y: list[str] | None,
    raw: tuple[Path | None, Path | None],
    told: Mapping[str, Path | None],
) -> AuditInputs:
    """Read the files of an audit.

    Args:
        files: of the codes, one for each side or one that holds both; or several of which each
            holds both sides of other codes.
        x: names of columns or arrays as ``--x`` has them.
        y: likewise.
        raw: files of what the encoder saw as x and as y.
        told: the file of each parameter of ``audit_codes`` that is told of pairs.

    Raises:
        UserError: if one cannot be read, or sides are lacking.
    """
    named, warnings = _codes(files, x, y)
    found: dict[str, Any] = {}
    raw_x, raw_y = raw
    if raw_x is not None and raw_y is not None:
        images = _images(raw_x), _images(raw_y)
        if images[0] is None and images[1] is None:
            named["raw"], more = _sides([raw_x, raw_y])
            found["raw"], warnings = named["raw"], warnings + more
        elif images[0] is None or images[1] is None:
            raise UserError("--raw-x and --raw-y: give tables of both, or images of both")
        else:
            found["raw"] = images
    elif raw_x is not None or raw_y is not None:
        lacking = "--raw-y" if raw_y is None else "--raw-x"
        raise UserError(
            f"{lacking} is lacking: give what the encoder saw on both sides, or neither"
        )
    for name, path in told.items():
        if path is not None:
            (table,), more = read_tables([path], {})
            found[name], warnings = table.cells, warnings + more
    return AuditInputs(named, found, warnings)


def _codes(
    files: list[Path], x: list[str] | None, y: list[str] | None
) -> tuple[dict[str, tuple[Any, Any]], list[Warning]]:
    """Return codes by name: of several files of which each holds x and y, those of each."""
    mapped = None if x or y else _mapped_sides(files)
    if mapped is not None:
        return {"codes": mapped}, []
    for path in files:
        if not path.suffix and not path.exists():
            raise UserError(
                f"{path}: there is no such file or folder: give files of codes, folders of runs, "
                "or module:callable"
            )
    tables, warnings = read_tables(files, {})
    if len(tables) > 1 and all(table.names("x") and table.names("y") for table in tables):
        above = Path(os.path.commonpath([path.absolute().parent for path in files]))
        names = [path.absolute().relative_to(above).with_suffix("") for path in files]
        for name in names:
            if names.count(name) > 1:
                raise UserError(f"two files are called {name}: codes need names of their own")
        sides = [chosen_sides([table], x, y) for table in tables]
    else:
        names, sides = [Path("codes")], [chosen_sides(tables, x, y)]
    return {
        name.as_posix(): (of_x.cells(()), of_y.cells(()))
        for name, (of_x, of_y) in zip(names, sides, strict=True)
    }, warnings


def _sides(files: list[Path]) -> tuple[tuple[Any, Any], list[Warning]]:
    mapped = _mapped_sides(files)
    if mapped is not None:
        return mapped, []
    tables, warnings = read_tables(files, {})
    of_x, of_y = chosen_sides(tables, None, None)
    return (of_x.cells(()), of_y.cells(())), warnings


def _mapped_sides(files: list[Path]) -> tuple[Any, Any] | None:
    """Map both sides of .npy files; none where they are not two files of rows of numbers."""
    # Of large codes a table would be a copy, and no more than some rows are looked at.
    if len(files) != 2:
        return None
    first, second = map(_mapped, files)
    if first is None or second is None or not first.ndim == second.ndim == 2:
        return None
    return first, second


def _images(path: Path) -> Any:
    """Return the array of an .npy file that has more axes than a table; none of other files."""
    array = _mapped(path)
    return array if array is not None and array.ndim > 2 else None


def _mapped(path: Path) -> Any:
    """Map the numbers of an .npy file; none of other files, and none of other values."""
    if path.suffix.lower() != ".npy" or not path.is_file() or not path.stat().st_size:
        return None
    from infomax.data.array_files import map_array  # noqa: PLC0415

    array = map_array(path)
    return array if array.dtype.kind in "iufb" else None
