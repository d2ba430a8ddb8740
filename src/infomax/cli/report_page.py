"""The page of a reproduction: judged and drawn from its records, while it is under way, too."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.style import Style
from rich.text import Text

from infomax.errors import UserError, message_of

if TYPE_CHECKING:
    from infomax.studies.output_folder import OutputFolder
    from infomax.studies.verdicts import Claim

__all__ = ["address_of", "draw_page", "filling_page"]


def draw_page(folder: "OutputFolder", *, under_way: bool = False) -> "tuple[list[Claim], Path]":
    """Judge the claims and write them with the report; return them, and where the page is."""
    from infomax.report import write_report  # noqa: PLC0415
    from infomax.studies.claims import judge_claims  # noqa: PLC0415

    records, metadata = folder.read_records()
    claims = judge_claims(records)
    folder.write_claims(claims)
    page = write_report(
        folder.path,
        records=records,
        claims=claims,
        metadata=metadata,
        timings=folder.read_timings(),
        under_way=under_way,
    )
    return claims, page


def address_of(page: Path) -> Text:
    """Return the address of a page as browsers take it, a link where the terminal knows links."""
    address = page.absolute().as_uri()
    return Text(address, style=Style(link=address))


@contextmanager
def filling_page(folder: "OutputFolder", errors: Console) -> Iterator[Callable[[], None]]:
    """Give what draws the page as studies end; the first time, its address is shown.

    Runs go on where the page cannot be drawn. One that is not finished because something stopped it
    no longer says that more is to come.
    """
    begun: list[bool] = []

    def look() -> None:
        first = not begun
        begun.append(True)
        try:
            _, page = draw_page(folder, under_way=True)
        except (OSError, ValueError, UserError) as error:
            errors.print(
                f"infomax: warning: the report cannot be drawn yet ({message_of(error)}); the runs "
                "go on"
            )
            return
        if first:
            told = Text("the report fills as studies end: ").append_text(address_of(page))
            errors.print(told, soft_wrap=True)

    try:
        yield look
    except BaseException:
        # Ctrl-C once more waits until the page is whole.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            # What stopped it is told, rather than what then keeps the page from being drawn.
            with suppress(OSError, ValueError, UserError):
                if begun:
                    draw_page(folder)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
