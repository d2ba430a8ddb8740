"""``infomax views``: what pairs the encoders will see."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from infomax.cli.run_flags import given_settings
from infomax.cli.terminal import error_console, output_console, show_warnings
from infomax.errors import UserError
from infomax.experiments.config import RunSettings

__all__ = ["views"]


def views(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Data as in training.")],
    out: Annotated[Path, typer.Option(help="Picture to write: .png or .svg.")] = Path("views.png"),
    *,
    made_by: Annotated[
        str | None, typer.Option("--views", help=RunSettings.model_fields["views"].description)
    ] = None,
    y_data: Annotated[
        str | None, typer.Option(help=RunSettings.model_fields["y_data"].description)
    ] = None,
    x: Annotated[
        str | None, typer.Option(metavar="A,B", help=RunSettings.model_fields["x"].description)
    ] = None,
    y: Annotated[
        str | None, typer.Option(metavar="A,B", help=RunSettings.model_fields["y"].description)
    ] = None,
    view_options: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Options of the views.")
    ] = None,
    image_size: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=RunSettings.model_fields["image_size"].description),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out, and say, images that cannot be read.")
    ] = False,
    skip_at_most: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the images that --skip-bad may leave out."),
    ] = 0.1,
    number: Annotated[int, typer.Option("--n", help="Number of pairs.")] = 8,
    seed: Annotated[
        int, typer.Option(help="Seed of which items are drawn and of what is random.")
    ] = 0,
) -> None:
    """Draw some pairs of views, as encoders see them."""
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415

    from infomax.experiments.build import open_items_of  # noqa: PLC0415
    from infomax.experiments.pair_datasets import ItemPairDataset  # noqa: PLC0415
    from infomax.report.view_grid import draw_view_grid  # noqa: PLC0415
    from infomax.training import generator_for  # noqa: PLC0415
    from infomax.views import make_views  # noqa: PLC0415

    if number < 1:
        raise UserError(f"--n is {number}: give a whole number of at least 1")
    flags = {
        **{"views": made_by, "view_options": view_options, "x": x, "y": y, "y_data": y_data},
        **{"image_size": image_size, "skip_bad": skip_bad, "skip_at_most": skip_at_most},
    }
    given = given_settings({key: value for key, value in flags.items() if value is not None})
    asked = RunSettings.checked({"data": data, "seed": seed, **given})
    maker = make_views(asked.views, asked.view_options) if asked.views is not None else None
    errors = error_console()
    with tempfile.TemporaryDirectory() as cache, show_warnings(errors):
        items = open_items_of(asked, Path(cache))
        pairs = ItemPairDataset(items, maker, torch.device("cpu"))
        chosen = np.random.default_rng(seed).permutation(len(pairs))[:number]
        drawn = generator_for(seed, "views")
        of_x, of_y = next(iter(pairs.pairs(chosen, number, drawn)))
    draw_view_grid(of_x.numpy(), of_y.numpy(), out)
    output_console(soft_wrap=True).print(f"{len(chosen)} pairs of {data}: {out}")
