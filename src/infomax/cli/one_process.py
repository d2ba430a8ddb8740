"""Commands whose runs are trained by one process each."""

import os

from infomax.errors import UserError

__all__ = ["check_one_process"]


def check_one_process() -> None:
    """Refuse to do in each of several processes what is to be done once.

    Raises:
        UserError: if this process is one of several that `torchrun` has started.
    """
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise UserError(
            "each run of a sweep or a reproduction is trained by one process: call infomax without "
            "torchrun, and with --executor ray for several runs of a sweep at once"
        )
