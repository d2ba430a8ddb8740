"""The command ``infomax``."""

from infomax.cli.app import main

__all__ = ["main"]
