"""Findings of checks that are done, kept in a folder, so that they are not made again."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from infomax import __version__
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure
from infomax.information import Interval
from infomax.whole_file import write_text_whole

__all__ = ["KeptFindings", "findings_key"]

_FILE: Final = "findings.json"


def findings_key(codes: AuditedCodes, check: str, seeds: int) -> str:
    """Return a digest of all that a finding is made from: codes, what is told of them, settings.

    Args:
        codes: that are checked.
        check: name of the check.
        seeds: number of splits.
    """
    # Why there are no labels is told by what was not run, and codes alone have no Jacobian.
    told = f"{codes.why_no_labels} {codes.encoders is not None}"
    digest = hashlib.sha256(
        f"{__version__} {check} {seeds} {codes.seed} {codes.name} {told}".encode()
    )
    raw, untrained = codes.raw or (), codes.untrained or ()
    columns: list[tuple[str, Any]] = [
        *(("codes", each.numpy()) for each in (codes.x, codes.y, *raw, *untrained)),
        *((each, getattr(codes, each)) for each in ("labels", "groups", "places", "trained_on")),
        *(("split", each) for each in (codes.fitted, codes.held_out)),
        *sorted(codes.nuisances.items()),
    ]
    for name, values in columns:
        if values is not None:
            digest.update(f"{name} {values.dtype} {values.shape}".encode())
            digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


class KeptFindings:
    """Findings by their keys, written whole whenever one is added.

    Args:
        folder: where they are kept, made where it is lacking; none for nowhere.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _FILE
        self._found: dict[str, Any] = {}
        if self._path is not None and self._path.is_file():
            try:
                found = json.loads(self._path.read_text(encoding="utf-8"))
            except ValueError:
                # A file of another kind is no reason not to audit: it is written anew.
                found = {}
            self._found = found if isinstance(found, dict) else {}

    def get(self, key: str) -> Finding | None:
        """Return what was found before; none where nothing was."""
        kept = self._found.get(key)
        return None if kept is None else _finding(kept)

    def put(self, key: str, finding: Finding) -> None:
        """Keep a finding."""
        if self._path is None:
            return
        self._found[key] = _written(finding)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(self._path, json.dumps(self._found, default=_plain, ensure_ascii=False))


def _written(finding: Finding) -> dict[str, Any]:
    kept = {each.name: getattr(finding, each.name) for each in dataclasses.fields(finding)}
    kept["interval"] = None if finding.interval is None else list(finding.interval)
    kept["measured"], kept["thresholds"] = dict(finding.measured), dict(finding.thresholds)
    kept["figures"] = [
        {
            **{each.name: getattr(figure, each.name) for each in dataclasses.fields(figure)},
            "marks": dict(figure.marks),
            "table": figure.table.to_dict("split", index=False),
        }
        for figure in finding.figures
    ]
    return kept


def _finding(kept: dict[str, Any]) -> Finding:
    figures = [
        FindingFigure(**{**each, "table": pd.DataFrame(**each["table"])})
        for each in kept["figures"]
    ]
    interval = None if kept["interval"] is None else Interval(*kept["interval"])
    return Finding(**{**kept, "interval": interval, "figures": figures})


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be kept")
