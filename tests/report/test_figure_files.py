"""Figures as files: all of one, or nothing and a line."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from infomax.errors import UserError
from infomax.report.figure_files import save_figure
from infomax.report.view_grid import draw_view_grid


def _figure(folder: Path) -> None:
    save_figure(Figure(), pd.DataFrame({"step": [0, 1]}), folder, "bound")


def _views(folder: Path) -> None:
    views = np.zeros((2, 4, 4, 1), dtype=np.float32)
    draw_view_grid(views, views, folder / "views.png")


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond 100 bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("no_room")
@pytest.mark.parametrize(("draw", "name"), [(_figure, "bound.svg"), (_views, "views.png")])
def test_a_full_disk_names_the_file_and_leaves_none(
    draw: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=rf"{name} cannot be written .*make room"):
        draw(tmp_path)
    assert not list(tmp_path.iterdir())
