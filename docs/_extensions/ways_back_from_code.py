"""Lead each listing of source code back to where its names are documented.

Sphinx's `viewcode` takes all names of a file to be documented as those of one module. Here a file's
names may be public in `infomax` and in a room, so its links back are looked up one by one.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

BACK = re.compile(r'(<a class="viewcode-back" href=")([^"#]*)#([\w.]+)"')


def _forget_builtins(_app: Sphinx, env: object) -> None:
    # Where an attribute's own module has no source, only the list of modules would have a link.
    getattr(env, "_viewcode_modules", {}).pop("builtins", None)


def _mend(app: Sphinx, failure: Exception | None) -> None:
    if failure is not None or app.builder.format != "html":
        return
    objects = app.env.domains["py"].objects

    def link(found: re.Match[str]) -> str:
        before, to, name = found.groups()
        docname = to.rpartition("../")[2].removesuffix(".html")
        home = "infomax" if docname == "api/infomax" else docname.replace("api/", "infomax.")
        # What follows the module is one name, or a class and a name in it.
        for first in range(1, name.count(".") + 1):
            named = f"{home}.{name.split('.', first)[-1]}"
            # Names of files are in the reference too, as other names of the same things.
            if named in objects and not objects[named].aliased:
                return f'{before}{to}#{named}"'
        raise ValueError(f"nothing in {docname} is called {name}")

    for page in Path(app.outdir, "_modules").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(BACK.sub(link, text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    """Register what is done once all pages are read, and once they are written."""
    app.connect("env-updated", _forget_builtins)
    app.connect("build-finished", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
