"""Code before that of a command whose page need not be drawn while its studies are under way."""

PAGE_AT_THE_END = (
    "import contextlib; "
    "import infomax.cli.reproduce_command as reproduce_command; "
    "reproduce_command.filling_page = lambda *_: contextlib.nullcontext(lambda: None); "
)
