"""The pages of runs and estimates in a real browser: figures first, nothing out of sight."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium import webdriver

from infomax.estimation import Interval, MIResult
from infomax.report import (
    write_audit_report,
    write_estimate_report,
    write_ranking_report,
    write_run_report,
)
from tests.cli.written_runs import write_run
from tests.report.made_up_audit import made_up_audit
from tests.report.test_browser import (
    PHONE,
    Show,
    browser,
    complaints,
    evaluate,
    pytestmark,
    requests,
    show,
    violations,
)

__all__ = ["browser", "pytestmark", "show"]

DESK = (1280, 800)
LONG = "a_column_with_a_name_that_goes_on_and_on_without_a_space_until_it_ends"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of each kind, with names as long as they come."""
    folder = tmp_path_factory.mktemp("pages")
    write_run(
        folder / "run",
        [0.1 * each for each in range(20)],
        accuracies=[0.05 * each for each in range(20)],
        every=1_000,
        ceiling=4.852,
        warnings={"PartingWarning": "the bound has left the other behind " * 5},
        environment={"command": f"infomax train --data /data/{LONG}/{LONG}.npz"},
    )
    generator = np.random.default_rng(0)
    kind = generator.integers(0, 3, 200)
    x = pd.DataFrame({LONG: kind + generator.standard_normal(200), "b": 1.0 + kind})
    y = pd.DataFrame({"kind": pd.Series(kind).map({0: "first", 1: "second", 2: "third"})})
    result = MIResult(
        *(0.7, Interval(0.6, 0.8), 0.05, "ksg-1", "neither", "because", 200, 0.95),
        *(generator.standard_normal(19), 3.0, pd.DataFrame()),
        entropy_of_y=1.09,
        x_columns=tuple(x.columns),
        y_columns=("kind",),
    )
    of_columns = {"value_nats": [0.7, 0.2], "low_nats": 0.1, "high_nats": 0.8, "refused": ""}
    of_columns |= {"p_value": 0.01, "corrected_p_value": 0.02, "share_of_y": 0.5}
    ranking = pd.DataFrame({**of_columns, "kind": "neither", "method": "ksg-1"}, index=x.columns)
    return {
        "run": write_run_report(folder / "run", folder / "run.html"),
        "estimate": write_estimate_report(
            folder / "estimate.html", result=result, x=x, y=y, source=f"{LONG}.csv"
        ),
        "ranking": write_ranking_report(folder / "ranking.html", ranking=ranking, x=x, y=y),
        "audit": write_audit_report(
            folder / "audit.html", result=made_up_audit(LONG), source=f"{LONG}.npy"
        ),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", ["run", "estimate", "ranking", "audit"])
def test_a_page_shows_a_figure_first_and_nothing_out_of_sight(  # noqa: PLR0917
    browser: webdriver.Chrome,
    show: Show,
    pages: dict[str, Path],
    kind: str,
    size: tuple[int, int],
    scheme: str,
) -> None:
    show(pages[kind], size, scheme)
    assert complaints(browser) == []
    assert requests(browser) == [pages[kind].as_uri()]
    width, window = evaluate(browser, "[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window == size[0]
    first = evaluate(
        browser, "document.querySelector('.plot svg').getBoundingClientRect().toJSON()"
    )
    assert first["height"] > 60
    assert first["bottom"] <= size[1] or (kind == "run" and first["top"] < size[1] / 2)
    # What is written in a drawing is within its card, and large enough to be read.
    outside = evaluate(
        browser,
        "[...document.querySelectorAll('.plot svg text')].filter(each => {"
        "const text = each.getBoundingClientRect(), card = each.closest('.card')"
        ".getBoundingClientRect();"
        "return text.left < card.left || text.right > card.right || text.top < card.top"
        " || text.bottom > card.bottom || Math.max(text.width, text.height) < 9})"
        ".map(each => each.textContent)",
    )
    assert outside == []
    ink, card = evaluate(
        browser,
        "[getComputedStyle(document.querySelector('.plot svg text')).fill,"
        " getComputedStyle(document.querySelector('.card')).backgroundColor]",
    )
    brightness = [
        max(int(level) for level in colour[colour.index("(") + 1 : -1].split(",")[:3])
        for colour in (ink, card)
    ]
    assert (brightness[0] > brightness[1]) is (scheme == "dark")
    # Words of a header are whole: each is in one line.
    broken = evaluate(
        browser,
        "[...document.querySelectorAll('thead th')].filter(each => {"
        "const range = document.createRange(); const text = each.firstChild;"
        "return [...text.data.matchAll(/\\S+/g)].some(word => {"
        "range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);"
        "return range.getClientRects().length > 1})}).map(each => each.textContent)",
    )
    assert broken == []


@pytest.mark.parametrize("kind", ["run", "estimate", "ranking", "audit"])
def test_axe_finds_no_violation(
    browser: webdriver.Chrome, show: Show, pages: dict[str, Path], kind: str
) -> None:
    axe = pytest.importorskip("axe_core_python.base").AXE_SCRIPT
    for scheme in ("light", "dark"):
        show(pages[kind], DESK, scheme)
        browser.execute_script(
            "document.querySelectorAll('details').forEach(each => each.open = true)"
        )
        assert violations(browser, axe) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_chips_of_an_audit_lead_to_their_cards_and_all_of_it_can_be_opened(
    browser: webdriver.Chrome, show: Show, pages: dict[str, Path], size: tuple[int, int]
) -> None:
    show(pages["audit"], size)
    chips = browser.find_elements("css selector", ".chips a.chip")
    assert [chip.text for chip in chips][:1] == ["! re-coding"]
    for chip in chips:
        chip.click()
        card = browser.find_element("css selector", ":target")
        assert str(card.get_attribute("class")).startswith("card check")
        assert card.find_element("css selector", "h3").text.lower() in chip.text
        top = evaluate(browser, "document.querySelector(':target').getBoundingClientRect().top")
        bottom = evaluate(browser, "document.documentElement.getBoundingClientRect().bottom")
        # At the top of the screen, or as near to it as the end of the page lets it.
        assert abs(top) < 40 or bottom <= size[1] + 1
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    outside = evaluate(
        browser,
        "[...document.querySelectorAll('.measured svg text')].filter(each => {"
        "const text = each.getBoundingClientRect(), figure = each.closest('.measured')"
        ".getBoundingClientRect();"
        "return text.left < figure.left - 1 || text.right > figure.right + 1})"
        ".map(each => each.textContent)",
    )
    assert outside == []
    width, window = evaluate(browser, "[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window
    assert complaints(browser) == []
