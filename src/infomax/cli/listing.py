"""``infomax list``."""

from rich.console import Console
from rich.table import Table

from infomax.data import DATASETS
from infomax.studies.catalogue import STUDIES
from infomax.studies.presets import PRESETS

__all__ = ["list_parts"]


def list_parts() -> None:
    """Show studies, presets, bounds, critics, encoders, distributions and data sets."""
    # Imported here: these wait for PyTorch.
    from infomax.bounds import BOUNDS  # noqa: PLC0415
    from infomax.critics import CRITICS  # noqa: PLC0415
    from infomax.distributions import DISTRIBUTIONS  # noqa: PLC0415
    from infomax.encoders import ENCODERS  # noqa: PLC0415

    parts = {
        "studies": {f"{name} ({study.figure})": study.title for name, study in STUDIES.items()},
        "presets": PRESETS,
        "bounds": {name: _first_line(bound) for name, bound in BOUNDS.items()},
        "critics": {name: _first_line(critic) for name, critic in CRITICS.items()},
        "encoders": {name: _first_line(encoder) for name, encoder in ENCODERS.items()},
        "distributions": {
            name: f"{_first_line(type(each))} True information {each.mutual_information:.4f} nats."
            for name, each in DISTRIBUTIONS.items()
        },
        "datasets": DATASETS,
    }
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("kind", "name", "what it is"):
        table.add_column(column)
    for kind, of_kind in parts.items():
        for number, (name, meaning) in enumerate(of_kind.items()):
            table.add_row("" if number else kind, name, meaning)
    Console().print(table)


def _first_line(part: object) -> str:
    return (part.__doc__ or "").partition("\n")[0].replace("``", "")
