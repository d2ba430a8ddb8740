"""``infomax views``: the pairs of views that encoders will see."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from infomax.cli.run_flags import given_settings, with_run_flags
from infomax.cli.terminal import error_console, output_console, show_warnings
from infomax.errors import UserError
from infomax.experiments.config import RunConfig

__all__ = ["views"]

_picture = partial(typer.Option, rich_help_panel="Picture")
_KEYS = ("y_data", "x", "y", "image_size", "skip_bad", "skip_at_most", "views", "view_options")


def views(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="Name or path of data, as `infomax train` has it.")
    ],
    *,
    out: Annotated[Path, _picture(help="File to write: .png or .svg.")] = Path("views.png"),
    count: Annotated[int, _picture("--n", help="Number of pairs.")] = 8,
    seed: Annotated[int, _picture(help="Seed of which items are drawn, and of random views.")] = 0,
    flags: dict[str, Any],
) -> None:
    """Draw some pairs of views, as encoders see them."""
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415

    from infomax.experiments.build import open_items_of  # noqa: PLC0415
    from infomax.experiments.pair_datasets import ItemPairDataset  # noqa: PLC0415
    from infomax.report.view_grid import draw_view_grid  # noqa: PLC0415
    from infomax.training import generator_for  # noqa: PLC0415
    from infomax.views import make_views  # noqa: PLC0415

    if count < 1:
        raise UserError(f"--n is {count}: give a whole number of at least 1")
    config = RunConfig.checked({"data": data, "seed": seed, **given_settings(flags)})
    maker = None if config.views is None else make_views(config.views, config.view_options)
    with tempfile.TemporaryDirectory() as cache, show_warnings(error_console()):
        items = open_items_of(config, Path(cache))
        pairs = ItemPairDataset(items, maker, torch.device("cpu"))
        chosen = np.random.default_rng(seed).permutation(len(pairs))[:count]
        x, y = next(iter(pairs.pairs(chosen, count, generator_for(seed, "views"))))
    draw_view_grid(x.numpy(), y.numpy(), out)
    output_console(soft_wrap=True).print(f"{len(chosen)} pairs of {data}: {out}")


views = with_run_flags(views, _KEYS)
