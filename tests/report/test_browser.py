"""The page in a real browser: nothing to complain of, nothing fetched, everything shown."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
PHONE, DESK = (390, 844), (1280, 800)
SECONDS_TO_SAVE = 30.0

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or CHROMEDRIVER is None, reason="chromium or its driver is not installed"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(CHROMEDRIVER)))
    yield driver
    driver.quit()


Show = Callable[..., None]


@pytest.fixture
def show(browser: webdriver.Chrome) -> Show:
    """Return what opens a page as it is seen on a screen of some size and scheme."""

    def on_screen(page: Path, size: tuple[int, int] = DESK, scheme: str = "light") -> None:
        width, height = size
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": size == PHONE,
            },
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        for kind in ("browser", "performance"):
            log(browser, kind)
        browser.get(page.as_uri())

    return on_screen


def log(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    """Return what was logged since the last call."""
    entries: list[dict[str, Any]] = browser.execute(Command.GET_LOG, {"type": kind})["value"]
    return entries


def complaints(browser: webdriver.Chrome) -> list[str]:
    """Return the errors and warnings of the console since the page was opened."""
    return [
        entry["message"]
        for entry in log(browser, "browser")
        if entry["level"] in {"SEVERE", "WARNING"}
    ]


def requests(browser: webdriver.Chrome) -> list[str]:
    """Return the addresses that were asked for since the page was opened."""
    events = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def evaluate(browser: webdriver.Chrome, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_is_shown_whole_and_alone(
    browser: webdriver.Chrome,
    show: Show,
    whole_report: Path,
    size: tuple[int, int],
    scheme: str,
) -> None:
    show(whole_report, size, scheme)
    assert complaints(browser) == []
    asked = requests(browser)
    assert whole_report.as_uri() in asked
    assert [url for url in asked if not url.startswith("data:")] == [whole_report.as_uri()]
    sizes = evaluate(
        browser,
        "[...document.querySelectorAll('svg[role=img]')].map(each => "
        "[each.getBoundingClientRect().width, each.getBoundingClientRect().height])",
    )
    # A small drawing of each study, and 3 + 3 + 6 + 4 + 4 + 2 cells.
    assert len(sizes) == 6 + 22
    assert min(length for each in sizes for length in each) > 100
    width, window = evaluate(browser, "[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window == size[0]
    background = evaluate(browser, "getComputedStyle(document.body).backgroundColor")
    levels = [int(level) for level in background.strip("rgb()").split(",")]
    assert (max(levels) < 100) is (scheme == "dark")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_figure_stands_on_the_first_screen(
    browser: webdriver.Chrome, show: Show, whole_report: Path, size: tuple[int, int]
) -> None:
    show(whole_report, size)
    bottoms = evaluate(
        browser,
        "[...document.querySelectorAll('.tile')].map(each => each.getBoundingClientRect().bottom)",
    )
    within = [bottom for bottom in bottoms if bottom <= size[1]]
    assert len(bottoms) == 6
    assert len(within) >= (6 if size == DESK else 1)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_labels_stand_within_their_pictures(
    browser: webdriver.Chrome, show: Show, whole_report: Path, size: tuple[int, int]
) -> None:
    show(whole_report, size)
    outside, smallest = evaluate(
        browser,
        """(() => {
            const outside = []; let smallest = 100;
            for (const picture of document.querySelectorAll('svg[role=img]')) {
                const frame = picture.closest('.card').getBoundingClientRect();
                for (const text of picture.querySelectorAll('text')) {
                    const box = text.getBoundingClientRect();
                    smallest = Math.min(smallest, box.height);
                    if (box.left < frame.left || box.right > frame.right
                        || box.top < frame.top || box.bottom > frame.bottom)
                        outside.push(text.textContent);
                }
            }
            return [outside, smallest];
        })()""",
    )
    assert outside == []
    assert smallest > 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_drawn_in_colours_that_can_be_read(
    browser: webdriver.Chrome, show: Show, whole_report: Path, scheme: str
) -> None:
    show(whole_report, scheme=scheme)
    drawing = browser.find_element(By.CSS_SELECTOR, "svg[aria-label^='critics on MNIST, InfoNCE']")
    pixels = np.asarray(Image.open(BytesIO(drawing.screenshot_as_png)).convert("RGB"))
    orange = (0xD5, 0x5E, 0x00) if scheme == "light" else (0xFF, 0x8B, 0x3D)
    assert (pixels == orange).all(axis=-1).sum() > 50
    ground, *fills = evaluate(
        browser,
        """[getComputedStyle(document.querySelector('.card')).backgroundColor,
        ...[...document.querySelectorAll('svg text')].map(each => getComputedStyle(each).fill)]""",
    )
    assert len(set(fills)) > 8
    for fill in set(fills):
        assert contrast(colour(fill), colour(ground)) >= 4.5, fill


def colour(css: str) -> list[float]:
    """Return red, green and blue from 0 to 1."""
    levels = [float(level) for level in re.findall(r"[\d.]+", css)][:3]
    return levels if css.startswith("color(srgb") else [level / 255 for level in levels]


def contrast(one: list[float], two: list[float]) -> float:
    """Return the ratio of luminances as WCAG defines it."""
    linear = [
        [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in each]
        for each in (one, two)
    ]
    low, high = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in linear)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    browser: webdriver.Chrome, show: Show, make_material: Any, tmp_path: Path, scheme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.base").AXE_SCRIPT
    material = make_material("critics", seeds=(0, 1))
    material.metadata["environment"]["command"] = "infomax reproduce --out runs/mine"
    show(material.write(tmp_path), scheme=scheme)
    browser.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert violations(browser, axe) == []
    browser.execute_script(
        "document.querySelector('.controls input').parentNode.replaceWith("
        "document.querySelector('.controls input'))"
    )
    assert violations(browser, axe) == ["label"]


def violations(browser: webdriver.Chrome, axe: str) -> list[str]:
    browser.set_script_timeout(300)
    browser.execute_script(axe)
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert len(found["passes"]) > 20
    return [violation["id"] for violation in found["violations"]]


def test_values_and_seeds_can_be_looked_at(
    browser: webdriver.Chrome, show: Show, whole_report: Path
) -> None:
    show(whole_report)
    points = browser.find_elements(By.CSS_SELECTOR, ".tile .point.seen")
    assert len(points) > 60
    titles = evaluate(
        browser,
        "[...document.querySelectorAll('.point')].map("
        "each => each.querySelector('title').textContent)",
    )
    assert all(
        re.search(r": \S.* after [\d,]+ steps \(mean of 3 seeds\)$", each) for each in titles
    )
    assert "concat critic, our probe: 0." in " ".join(titles)
    line = browser.find_element(By.CSS_SELECTOR, ".plot .seeds")
    assert not line.is_displayed()
    browser.find_element(By.ID, "seeds").click()
    assert evaluate(browser, "getComputedStyle(document.querySelector('.seeds')).display") != "none"


@pytest.mark.parametrize("under_way", [True, False])
def test_the_page_reads_itself_again_only_while_under_way(
    browser: webdriver.Chrome, show: Show, make_material: Any, tmp_path: Path, under_way: bool
) -> None:
    material = make_material("critics", seeds=(0, 1))
    material.records = material.records[:0]
    page = material.write(tmp_path, under_way=under_way)
    show(page)
    heights = evaluate(browser, "document.querySelector('.tile').getBoundingClientRect().height")
    refreshing = browser.find_elements(By.CSS_SELECTOR, "meta[http-equiv=refresh]")
    assert len(refreshing) == under_way
    material = make_material("critics", seeds=(0, 1))
    show(material.write(tmp_path, under_way=under_way))
    # What fills a place is as high as the place was, within a line.
    filled = evaluate(browser, "document.querySelector('.tile').getBoundingClientRect().height")
    assert abs(filled - heights) < 25


def test_figures_and_their_data_can_be_saved(
    browser: webdriver.Chrome, show: Show, whole_report: Path, tmp_path: Path
) -> None:
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    show(whole_report)
    names = []
    for link in browser.find_elements(By.CSS_SELECTOR, "a[download]"):
        names.append(str(link.get_dom_attribute("download")))
        link.click()
        drawn = (whole_report.parent / "figures" / names[-1]).read_bytes()
        assert saved(tmp_path / names[-1]) == drawn
    assert len(names) == 12
    assert complaints(browser) == []
    # The page is still there: a link that is not saved would have been followed.
    assert browser.current_url == whole_report.as_uri()
    assert not [url for url in requests(browser) if not url.startswith(("data:", "file:"))]


def saved(path: Path) -> bytes:
    """Return a file once the browser has put it there."""
    until = time.monotonic() + SECONDS_TO_SAVE
    while not path.is_file():
        assert time.monotonic() < until, f"{path.name} was not saved"
        time.sleep(0.02)
    return path.read_bytes()


def test_an_answer_leads_to_its_figure(
    browser: webdriver.Chrome, show: Show, whole_report: Path
) -> None:
    show(whole_report)
    links = browser.find_elements(By.CSS_SELECTOR, ".tile a")
    assert len(links) == 6
    links[3].click()
    top = evaluate(browser, "document.querySelector(':target').getBoundingClientRect().top")
    assert 0 <= top < DESK[1] / 2
    assert evaluate(browser, "document.querySelector(':target').textContent").startswith("Figure 3")


def test_a_figure_of_the_matrix_opens_to_its_claims(
    browser: webdriver.Chrome, show: Show, whole_report: Path
) -> None:
    show(whole_report)
    assert browser.find_element(By.CSS_SELECTOR, ".verdicts tbody tr").is_displayed() is False
    browser.find_element(By.CSS_SELECTOR, ".matrix summary").click()
    rows = browser.find_elements(By.CSS_SELECTOR, ".matrix details[open] .verdicts tbody tr")
    assert len(rows) == 10
    assert all(row.is_displayed() for row in rows)


def test_what_these_tests_look_for_would_be_seen(
    browser: webdriver.Chrome, show: Show, tmp_path: Path
) -> None:
    page = tmp_path / "bad.html"
    elsewhere = "http://127.0.0.1:9/image.png"
    page.write_text(
        f"<!DOCTYPE html><title>bad</title><img src='{elsewhere}'>"
        "<p style='width: 3000px'>wide</p><script>console.warn('beware')</script>",
        encoding="utf-8",
    )
    show(page, PHONE)
    assert any("beware" in complaint for complaint in complaints(browser))
    assert elsewhere in requests(browser)
    assert evaluate(browser, "document.images[0].naturalWidth") == 0
    assert evaluate(browser, "document.documentElement.scrollWidth") > PHONE[0]
