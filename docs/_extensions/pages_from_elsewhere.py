"""Pages whose text stands outside of docs, where a code host and a packager look for it.

Each has an empty page here that gives it a place in the site. Links between the two trees are
written for a reader of the files; this turns them into links of the site, and those to files that
are no page of it into plain text.
"""

import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "start/readme": "README.md",
    "house/contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
    "house/security": "SECURITY.md",
}
PAGE_OF = {file: docname for docname, file in ELSEWHERE.items()}
LINK = re.compile(
    # The words may go over the end of a line, and there may be none.
    r"(!?)\[([^\]\n]*(?:\n[^\]\n]*)?)\]"
    r"\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)"
)


def with_links_of_the_site(text: str, docname: str) -> str:
    """Return Markdown whose relative links lead where they would from its place in the site.

    Args:
        text: of the page.
        docname: of the page, e.g. ``start/readme``.
    """
    file = ELSEWHERE.get(docname, f"docs/{docname}.md")

    def link(found: re.Match[str]) -> str:
        image, words, target, anchor = found.groups(default="")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        if path in PAGE_OF:
            target = f"/{PAGE_OF[path]}.md"
        elif path.startswith("docs/"):
            target = "/" + path.removeprefix("docs/")
        else:
            return f"{words} (`{path}`)" if not words.strip("`").startswith(path) else words
        return f"{image}[{words}]({target}{anchor})"

    return LINK.sub(link, text)


def _replace(app: Sphinx, docname: str, source: list[str]) -> None:
    if app.env.doc2path(docname).suffix != ".md":
        return
    if docname in ELSEWHERE:
        path = ROOT / ELSEWHERE[docname]
        source[0] = path.read_text(encoding="utf-8")
        app.env.note_dependency(path)
    source[0] = with_links_of_the_site(source[0], docname)


def setup(app: Sphinx) -> dict[str, object]:
    """Register what is done to a page before it is read."""
    app.connect("source-read", _replace)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
