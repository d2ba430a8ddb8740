"""Lines that can be typed: four to start from, and the examples under the help of each command."""

from typing import Final

__all__ = ["EXAMPLES", "STARTING_POINTS", "examples_of", "starting_points"]

STARTING_POINTS: Final[dict[str, str]] = {
    "Estimate what two columns share, and how sure that is": (
        "infomax estimate table.csv --x COLUMN --y COLUMN"
    ),
    "Train encoders on pairs of your own": (
        "infomax train --data pairs.npz --x x --y y --out runs/pairs"
    ),
    "Reproduce the paper, and judge its claims": (
        "infomax reproduce --preset quick --out runs/paper"
    ),
    "Look at what is there: studies, bounds, critics, encoders, ...": "infomax list studies",
}
"""What one may want, and the line that does it."""

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "estimate": (
        "infomax estimate wine.csv --x flavanoids,proline --y target",
        "infomax estimate visits.csv --x zip --y cost --discrete zip",
        "infomax estimate x.npy y.npy --plot estimate.png",
        "infomax estimate wine.csv --y target --columns --report wine.html",
    ),
    "init": ("infomax init settings.yaml --data digits",),
    "views": ("infomax views digits --views halves --out views.png",),
    "train": (
        "infomax train --data digits --views halves --steps 300 --out runs/digits",
        "infomax train --resume --out runs/digits",
        "infomax train settings.yaml --learning-rate 0.0003 --out runs/slower",
        "infomax train settings.yaml --sweep seed=0,1,2 --out runs/seeds",
    ),
    "show": ("infomax show runs/digits", "infomax show runs/digits --report digits.html"),
    "runs": ("infomax runs runs",),
    "encode": ("infomax encode runs/digits digits --out codes.npy",),
    "probe": ("infomax probe runs/digits",),
    "export": ("infomax export runs/digits --format torch",),
    "reproduce": (
        "infomax reproduce critics --preset quick --out runs/critics",
        "infomax reproduce fig4ab --steps 2000 --seeds 3 --out runs/matched",
        "infomax reproduce --resume --out runs/critics",
    ),
    "report": ("infomax report runs/critics",),
    "benchmark mi": ("infomax benchmark mi --tasks 1v1-normal-0.75 --methods auto,ksg-1",),
    "list": ("infomax list bounds", "infomax list"),
}
"""Lines that can be pasted, by command; none is longer than a terminal of 80 columns shows."""


def examples_of(command: str) -> str:
    r"""Return the examples under the help of a command, as paragraphs that it shows as lines.

    Example:
        >>> examples_of("probe")
        'Example:\n\ninfomax probe runs/digits'
    """
    lines = EXAMPLES[command]
    return "\n\n".join([f"Example{'s' if len(lines) > 1 else ''}:", *lines])


def starting_points() -> str:
    """Return the text that `infomax` alone prints."""
    points = [f"{what}\n  {line}" for what, line in STARTING_POINTS.items()]
    return "\n\n".join(
        [
            "infomax estimates and maximises mutual information between views.",
            *points,
            "`infomax --help` names all commands, and `infomax COMMAND --help` explains one.",
        ]
    )
