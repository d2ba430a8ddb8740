"""Dialogues in files: one a line, turns in JSON, and the folders and archives of DailyDialog."""

import json
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from infomax.data.dialogues import Dialogues
from infomax.data.files import DAMAGED, check_regular_file, open_bytes
from infomax.errors import UserError, message_of, reason_of, shortened, unknown_name
from infomax.warnings import DataWarning

__all__ = [
    "DIALOGUES",
    "DIALOGUE_ENDINGS",
    "UNKNOWN",
    "DailyDialogSplit",
    "holds_dailydialog",
    "is_dialogue_file",
    "read_dailydialog",
    "read_dialogues",
]

DIALOGUE_ENDINGS: Final = (".txt", ".jsonl")
_COMPRESSED: Final = ("", ".gz", ".xz")
UNKNOWN: Final = -1
"""The label of a turn of which the file does not say."""

_END: Final = "__eou__"
_TURNS: Final = ("dialogue", "turns", "utterances", "messages")
_TEXT: Final = ("text", "content", "utterance")
_SHIPPED: Final = Path(__file__).parent / "datasets" / "conversations.txt"

DailyDialogSplit: TypeAlias = Literal["train", "validation", "test"]
"""A part of DailyDialog as its makers split it."""

_Lines: TypeAlias = Iterator[tuple[int, str]]


def is_dialogue_file(path: Path) -> bool:
    """Tell whether a file's name is that of dialogues: ``.txt`` or ``.jsonl``, maybe compressed.

    Example:
        >>> is_dialogue_file(Path("talk.jsonl.gz")), is_dialogue_file(Path("talk.csv"))
        (True, False)
    """
    return path.name.lower().endswith(
        tuple(f"{kind}{packed}" for kind in DIALOGUE_ENDINGS for packed in _COMPRESSED)
    )


def read_dialogues(data: str | Path) -> Dialogues:
    """Read dialogues by name or path.

    - A name of ``DIALOGUES``.
    - ``.txt``: a dialogue a line, turns closed by ``__eou__`` or parted by tabs.
    - ``.jsonl``: a JSON list of turns a line, or an object that holds it under ``dialogue``,
      ``turns``, ``utterances`` or ``messages``; a turn is text, or an object that holds it under
      ``text``, ``content`` or ``utterance``.
    - DailyDialog's ``train.zip``, the folder that it is unpacked to, or one that holds these:
      its training split.

    Empty dialogues are left out and counted.

    Args:
        data: name or path.

    Raises:
        UserError: if it is not there, is not UTF-8, holds no dialogue, or a line is not one.
    """
    if str(data) in DIALOGUES:
        return DIALOGUES[str(data)]()
    path = Path(data).expanduser()
    if holds_dailydialog(path):
        return read_dailydialog(path, "train")
    if not path.is_file():
        found = "is a folder that holds no DailyDialog" if path.is_dir() else "is not there"
        raise UserError(f"{path}: {found}: expected a file of dialogues, .txt or .jsonl")
    if not is_dialogue_file(path):
        raise UserError(f"{path}: expected a name that ends in {', '.join(DIALOGUE_ENDINGS)}")
    turns_of = _turns_of_json if ".jsonl" in path.name.lower() else _turns_of_text
    return _of_lines(str(path), _text_lines(path), turns_of)


def _conversations() -> Dialogues:
    """Load 48 short dialogues of everyday life that were written for this package."""
    return _of_lines("conversations", _text_lines(_SHIPPED), _turns_of_text)


DIALOGUES: Final[dict[str, Callable[[], Dialogues]]] = {"conversations": _conversations}
"""The dialogues that come with the package, by name."""


def holds_dailydialog(path: Path) -> bool:
    """Tell whether a path is a part of DailyDialog, or a folder that holds one."""
    return any(_dailydialog_part(path, split) is not None for split in get_args(DailyDialogSplit))


def read_dailydialog(path: str | Path, split: DailyDialogSplit) -> Dialogues:
    """Read a split of DailyDialog, with the act and the emotion of each turn where they are there.

    Acts are numbered from 1 (inform, question, directive, commissive), emotions from 0 (none,
    anger, disgust, fear, happiness, sadness, surprise), as the corpus has them; -1 where there is
    not one for each turn of a dialogue, which is said in a `DataWarning`.

    Source: Li, Su, Shen, Li, Cao and Niu (2017). Its splits overlap: see ``Dialogues.pairs``.

    Args:
        path: ``train.zip`` and the like, what it is unpacked to, or a folder of these.
        split: which part.

    Raises:
        UserError: if it is not there, or its files are not of that form.
    """
    if split not in get_args(DailyDialogSplit):
        raise unknown_name("split", split, get_args(DailyDialogSplit))
    part = _dailydialog_part(Path(path).expanduser(), split)
    if part is None:
        raise UserError(
            f"{path}: holds no {split} part of DailyDialog: expected {split}.zip, or a folder with "
            f"dialogues_{split}.txt"
        )
    name = str(part)
    read = _of_lines(name, _numbered(_content(part, split, ""), name), _turns_of_text)
    labels = {}
    for kind in ("act", "emotion"):
        content = _content(part, split, f"{kind}_", required=False)
        if content is None:
            continue
        rows = [line.split() for _, line in _numbered(content, name) if line.strip()]
        if not all(each.isdigit() for row in rows for each in row):
            raise UserError(f"{name}: the file of {kind} labels holds more than whole numbers")
        labels[kind] = _one_for_each_turn(name, kind, read.turns, rows)
    return Dialogues(read.name, read.turns, labels, read.left_out)


def _one_for_each_turn(
    name: str, kind: str, turns: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]
) -> tuple[tuple[int, ...], ...]:
    if len(rows) != len(turns):
        raise UserError(
            f"{name}: holds {len(turns)} dialogues and {kind} labels of {len(rows)}: expected as "
            "many of both"
        )
    fit = [len(row) == len(those) for row, those in zip(rows, turns, strict=True)]
    if not all(fit):
        warnings.warn(
            f"{name}: {fit.count(False)} dialogues have not one {kind} for each turn, the first "
            f"that of line {fit.index(False) + 1}: it is taken as unknown ({UNKNOWN})",
            DataWarning,
            stacklevel=4,
        )
    return tuple(
        tuple(map(int, row)) if is_fit else (UNKNOWN,) * len(those)
        for row, those, is_fit in zip(rows, turns, fit, strict=True)
    )


def _dailydialog_part(path: Path, split: str) -> Path | None:
    """Return the archive or the folder that a split is read from."""
    file = f"dialogues_{split}.txt"
    if path.is_file():
        is_it = path.suffix == ".zip" and any(
            each.endswith(f"/{file}") or each == file for each in _names_in_zip(path)
        )
        return path if is_it else None
    for folder in (path, path / split):
        if (folder / file).is_file():
            return folder
    archive = path / f"{split}.zip"
    return archive if archive.is_file() and _dailydialog_part(archive, split) else None


def _names_in_zip(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []


def _content(part: Path, split: str, kind: str, *, required: bool = True) -> bytes | None:
    """Return the bytes of one file of a split: its text, or labels of a kind."""
    file = f"dialogues_{kind}{split}.txt"
    try:
        if part.is_dir():
            return (part / file).read_bytes()
        with zipfile.ZipFile(part) as archive:
            names = [each for each in archive.namelist() if each.rpartition("/")[2] == file]
            if names:
                return archive.read(names[0])
    except FileNotFoundError:
        pass
    except (*DAMAGED, zipfile.BadZipFile, RuntimeError) as error:
        raise UserError(f"{part}: {file} cannot be read ({reason_of(error)})") from error
    if required:
        raise UserError(f"{part}: lacks {file}")
    return None


def _text_lines(path: Path) -> _Lines:
    check_regular_file(path)
    try:
        with open_bytes(path) as stream:
            content = stream.read()
    except DAMAGED as error:
        raise UserError(f"{path}: cannot be read ({reason_of(error)})") from error
    return _numbered(content, str(path))


def _numbered(content: bytes | None, name: str) -> _Lines:
    """Yield lines with their numbers, counted from 1.

    Raises:
        UserError: if one is not UTF-8.
    """
    for number, line in enumerate((content or b"").split(b"\n"), start=1):
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError as error:
            raise UserError(
                f"{name}: line {number} is not UTF-8 ({error.reason} at byte {error.start}): "
                "write the file again as UTF-8"
            ) from error


def _of_lines(name: str, lines: _Lines, turns_of: Callable[[str, str], Sequence[str]]) -> Dialogues:
    dialogues, empty = [], 0
    for number, line in lines:
        if not line.strip():
            continue
        turns = tuple(
            turn.strip() for turn in turns_of(line, f"{name}: line {number}") if turn.strip()
        )
        if turns:
            dialogues.append(turns)
        else:
            empty += 1
    if not dialogues:
        raise UserError(f"{name}: holds no dialogue: expected one a line")
    return Dialogues(name, tuple(dialogues), left_out={"empty dialogues": empty} if empty else {})


def _turns_of_text(line: str, _where: str) -> Sequence[str]:
    return line.split(_END if _END in line else "\t")


def _turns_of_json(line: str, where: str) -> Sequence[str]:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where} is no JSON ({message_of(error)})") from error
    if isinstance(found, dict):
        key = next((each for each in _TURNS if each in found), None)
        found = found.get(key)
    if not isinstance(found, list):
        raise UserError(
            f"{where} holds no list of turns: expected [...] or an object with one under "
            f"{', '.join(_TURNS)}"
        )
    return [_text_of_turn(turn, where) for turn in found]


def _text_of_turn(turn: object, where: str) -> str:
    if isinstance(turn, dict):
        turn = next((turn[each] for each in _TEXT if each in turn), None)
    if not isinstance(turn, str):
        raise UserError(
            f"{where}: a turn is {shortened(turn)}: expected text, or an object with it under "
            f"{', '.join(_TEXT)}"
        )
    return turn
