"""What must hold of the site once it is built: `make docs` runs this after Sphinx.

Every link and anchor leads somewhere, every page is reached from the first and leads back to it,
nothing is fetched from elsewhere, every public name is in the reference, and a browser has nothing
to say of any page, on a desk or a phone.
"""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from selenium import webdriver
from sphinx.util.inventory import InventoryFile

from docs._extensions.public import public_modules, public_names
from tests.report.test_browser import (
    DESK,
    PHONE,
    Show,
    browser,
    complaints,
    evaluate,
    requests,
    show,
)
from tests.report.test_browser import pytestmark as with_a_browser

__all__ = ["browser", "show"]

SITE = Path(__file__).parents[2] / "build" / "docs" / "html"
PAGES = sorted(set(SITE.rglob("*.html")) - set((SITE / "_static").rglob("*.html")))
# Of listings of source code one is looked at: there are many, all of one make.
SHOWN = [page for page in PAGES if "_modules" not in page.parts or page.stem == "infonce"]


def name_of(page: Path) -> str:
    return page.relative_to(SITE).as_posix()


class Links(HTMLParser):
    """What a page leads to or loads, as tag and address, and the anchors that it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in {"id", "name"}:
                self.anchors.add(value or "")
            elif key in {"href", "src"} and value:
                self.targets.append((tag, value))


@cache
def links(page: Path) -> Links:
    return Links(page)


def place(page: Path, target: str) -> tuple[Path, str]:
    """Return the file that a relative link leads to, and the anchor in it."""
    path, anchor = urldefrag(target)
    file = (page.parent / unquote(urlsplit(path).path)).resolve() if path else page
    return file, unquote(anchor)


def test_there_is_a_site() -> None:
    assert len(PAGES) > 40


def test_every_link_and_anchor_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for _, target in links(page).targets:
            if urlsplit(target).scheme or target == "#":
                continue
            file, anchor = place(page, target)
            if not file.is_file() or (anchor and anchor not in links(file).anchors):
                broken.append(f"{name_of(page)}: {target}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    loaded = [
        f"{name_of(page)}: {target}"
        for page in PAGES
        for tag, target in links(page).targets
        if tag != "a" and urlsplit(target).scheme not in {"", "data"}
    ]
    assert loaded == []


def test_every_page_is_reached_from_the_first_and_leads_back() -> None:
    leads_to = {
        page: {
            place(page, target)[0]
            for tag, target in links(page).targets
            if tag == "a" and not urlsplit(target).scheme
        }
        for page in PAGES
    }
    first = SITE / "index.html"
    reached, at_hand = {first}, [first]
    while at_hand:
        new = leads_to[at_hand.pop()] & set(PAGES) - reached
        reached |= new
        at_hand += new
    # The page of search is reached by the field of search.
    assert {name_of(page) for page in set(PAGES) - reached} <= {"search.html"}
    assert [name_of(page) for page in PAGES if first not in leads_to[page] | {page}] == []


def test_every_public_name_is_in_the_reference() -> None:
    content = (SITE / "objects.inv").read_bytes()
    inventory = InventoryFile.loads(content, uri="").data
    told = {name for kind in inventory if kind.startswith("py:") for name in inventory[kind]}
    homes = {"infomax": public_names("infomax")}
    for module in public_modules():
        for name in public_names(module):
            home = "infomax" if name in homes["infomax"] else module
            assert f"{home}.{name}" in told


def test_programs_are_told_of_every_page() -> None:
    listed = (SITE / "llms.txt").read_text(encoding="utf-8")
    sources = SITE / "_sources"
    for source in sources.rglob("*.txt"):
        docname = source.relative_to(sources).as_posix().rpartition(".")[0].rpartition(".")[0]
        if docname != "index" and "backreferences" not in docname:
            assert f"({docname}.html)" in listed


@with_a_browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("page", SHOWN, ids=name_of)
def test_a_browser_has_nothing_to_say(
    browser: webdriver.Chrome, show: Show, page: Path, size: tuple[int, int]
) -> None:
    show(page, size)
    formulas = "[...document.querySelectorAll('script')].some(each => /tex-svg/.test(each.src))"
    if evaluate(browser, formulas):
        browser.execute_async_script("MathJax.startup.promise.then(arguments[0])")
        assert (
            evaluate(
                browser,
                "[...document.querySelectorAll('[data-mjx-error]')].map(e => e.textContent)",
            )
            == []
        )
    assert complaints(browser) == []
    elsewhere = [url for url in requests(browser) if urlsplit(url).scheme not in {"file", "data"}]
    assert elsewhere == []
    width, window = evaluate(browser, "[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window == size[0]
    pictures = "[...document.images].filter(e => e.complete && !e.naturalWidth).map(e => e.src)"
    assert evaluate(browser, pictures) == []
