"""What the command would be called with for a line, without calling it."""

import shlex
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from infomax.cli.app import app

__all__ = ["commands_below", "parsed"]


def commands_below(group: Any) -> dict[str, Any]:
    """Return the commands by the words that name them."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {last}": each for last, each in commands_below(command).items()}
        else:
            found[name] = command
    return found


def parsed(line: str) -> list[dict[str, Any]]:
    """Return what the command that is named would be called with, if it would be."""
    program, *arguments = shlex.split(line)
    assert program == "infomax"
    group, given = get_command(app), []
    for command in commands_below(group).values():
        command.callback = lambda **each: given.append(each)
    with pytest.raises(SystemExit):
        group.main(arguments)
    return given
