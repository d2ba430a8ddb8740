"""`llms.txt`: the pages of the site as one list in Markdown, for readers that are programs.

The form is that of llmstxt.org: a title, what the project is, and under each section of the site
its pages, each with its first sentence.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx

import infomax

HEAD = f"""# infomax

> {str(infomax.__doc__).strip()}

All numbers on these pages are in nats unless they say otherwise, and are run when the site is
built. The plain text of each page is at `_sources/PAGE.md.txt` (`.rst.txt` in the gallery).
"""


def first_sentence(document: nodes.document) -> str:
    """Return the first sentence of a page's text, without mark-up, be it of four words or more."""
    for paragraph in document.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if isinstance(paragraph.parent, nodes.section) and text.count(" ") > 2:
            return text.partition(". ")[0].removesuffix(".") + "."
    return ""


def write_llms_txt(app: Sphinx, failure: Exception | None) -> None:
    """Write the list beside the pages, unless the build has failed."""
    if failure is not None or app.builder.format != "html":
        return
    lines = [HEAD]

    def add(docname: str, told: set[str]) -> None:
        if docname in told:
            return
        told.add(docname)
        title, address = app.env.titles[docname].astext(), app.builder.get_target_uri(docname)
        document = app.env.get_doctree(docname)
        lines.append(f"- [{title}]({address}): {first_sentence(document)}")
        for tree in document.findall(toctree):
            for _, below in tree["entries"]:
                if below in app.env.titles:
                    add(below, told)

    told: set[str] = set()
    for tree in app.env.get_doctree(app.config.root_doc).findall(toctree):
        for _, section in tree["entries"]:
            lines.append(f"\n## {app.env.titles[section].astext()}\n")
            add(section, told)
    Path(app.outdir, "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    """Register what is done once the site is built."""
    app.connect("build-finished", write_llms_txt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
