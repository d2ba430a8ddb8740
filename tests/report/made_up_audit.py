"""A made-up audit of two codes: a finding of each status, and a figure of each kind."""

import math
from typing import Any

import numpy as np
import pandas as pd

from infomax.audit.audit_result import AuditResult
from infomax.audit.finding import Finding, FindingFigure
from infomax.audit.method_paragraph import CodesSize
from infomax.information import Interval

CURVE = FindingFigure(
    "curve",
    "What is read at each K",
    "curve",
    pd.DataFrame(
        {
            "series": ["read"] * 3 + ["ceiling"] * 3,
            "at": [32, 64, 128] * 2,
            "value": [1.25, 1.5, 1.75, *map(math.log, (32, 64, 128))],
            "low": [1.0, 1.25, 1.5, *[np.nan] * 3],
            "high": [1.5, 1.75, math.inf, *[np.nan] * 3],
        }
    ),
    value_label="nats",
    at_label="K",
    log_at=True,
    marks={"estimate": 2.5},
)
DUMBBELLS = FindingFigure(
    "dumbbells",
    "Accuracy before and after",
    "dumbbells",
    pd.DataFrame(
        {
            "label": ["rotation", "couplings <of> $strength$ 2 and a name that goes on and on"],
            "before": 0.75,
            "after": [0.75, 0.5],
            "low": [0.7, 0.45],
            "high": [0.8, 0.55],
        }
    ),
    value_label="accuracy of the linear probe on held-out pairs of both halves, in shares of one",
    marks={"majority": 0.1},
)
DOTS = FindingFigure(
    "dots",
    "Shares",
    "dots",
    pd.DataFrame(
        {
            "label": ["both", "one", "both", "one"],
            "series": ["fitted", "fitted", "new", "new"],
            "value": [0.25, 0.5, math.nan, 0.75],
            "low": [0.2, 0.4, math.nan, 0.7],
            "high": [0.3, 0.6, math.nan, math.inf],
        }
    ),
    value_label="share",
    marks={"caution": 0.01, "broken": 0.05},
)
POINTS = FindingFigure(
    "points",
    "Bound and accuracy",
    "points",
    pd.DataFrame(
        {"label": [f"encoder {each}" for each in range(8)], "at": range(8), "value": 0.125}
    ),
    value_label="accuracy",
    at_label="nats",
)
SERIES = FindingFigure(
    "series",
    "Several bounds by several critics",
    "dots",
    pd.DataFrame(
        [
            {"label": critic, "series": bound, "value": 1.25}
            for critic in ("cosine", "separable")
            for bound in ("InfoNCE", "NWJ", "Donsker-Varadhan", "SMILE")
        ]
    ),
    value_label="nats",
    marks={"ln 256": 5.55},
)
FIGURES = {"curve": CURVE, "dumbbells": DUMBBELLS, "dots": DOTS, "points": POINTS}


def made_up_finding(check: str, codes: str = "mine", **changes: Any) -> Finding:
    given: dict[str, Any] = {
        "question": f"Does {check} hold?",
        "status": "sound",
        "stance": "not against",
        "short": f"{check} is 0.5",
        "sentence": f"All is well with {check}.",
        "detail": f"Beside {check} stands another number.",
        "interval": Interval(0.25, 0.75),
        "interval_of": f"{check}, in nats",
        "measured": {"found_nats": 0.5, "rows": 1_234, "held": {"x": True, "y": None}},
        "thresholds": {"least_share": 0.125},
        "method": f"We asked {check}.",
    }
    return Finding(check, codes, **(given | changes))


def made_up_audit(name: str = "mine") -> AuditResult:
    """Return an audit with a No, of two codes."""
    measured = {
        "accuracy": 0.75,
        "accuracy_interval": [0.7, 0.8],
        "bound_nats": 1.25,
        "bound_at": 256,
        "recodings": [{"name": "rotation", "accuracy": 0.75, "inverse_error": 1e-7}],
        "moved_by": [],
    }
    findings = [
        made_up_finding("geometry", name, figures=[CURVE]),
        made_up_finding(
            "re-coding",
            name,
            status="caution",
            stance="against",
            sentence="Accuracy moved, at equal information.",
            next_step="compare probes (infomax audit z.npz --labels l.npy)",
            measured=measured,
            figures=[DUMBBELLS, DOTS],
        ),
        made_up_finding("encoders", name, figures=[POINTS, SERIES]),
        made_up_finding(
            "shortcuts",
            name,
            status="not run",
            stance="undecided",
            short="nobody said what the encoder saw",
            sentence="Not run: nobody said what the encoder saw.",
            detail="",
            interval=None,
            next_step="give it (--raw-x, --raw-y)",
            measured={},
            thresholds={},
            method="",
        ),
        made_up_finding("leaks", "raw", status="broken", stance="undecided", figures=[DOTS]),
        made_up_finding("re-coding", "raw", measured=measured | {"bound_nats": 2.0}),
    ]
    size = CodesSize((8, 16), 100, 100, classes=10)
    return AuditResult(
        findings,
        {name: (200, 900), "raw": (200, 900)},
        7,
        notes=["1 of 8 columns of x is constant."],
        sizes={name: size, "raw": size},
        environment={"infomax": "0.1.0", "torch": "2.13.0"},
    )
