"""The page in a real browser: nothing to complain of, nothing fetched, everything shown."""

import json
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
PHONE, DESK = (390, 844), (1280, 900)
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
        "[...document.images].map(each => "
        "[each.complete, each.naturalWidth, each.naturalHeight, each.clientWidth])",
    )
    assert len(sizes) == 6
    for complete, *lengths in sizes:
        assert complete
        assert min(lengths) > 100
    width, window = evaluate(browser, "[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window == size[0]
    background = evaluate(browser, "getComputedStyle(document.body).backgroundColor")
    levels = [int(level) for level in background.strip("rgb()").split(",")]
    assert (max(levels) < 100) is (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_drawn_in_their_colours(
    browser: webdriver.Chrome, show: Show, whole_report: Path, scheme: str
) -> None:
    show(whole_report, scheme=scheme)
    critics = browser.find_element(By.CSS_SELECTOR, "img[alt^='critics']")
    pixels = np.asarray(Image.open(BytesIO(critics.screenshot_as_png)).convert("RGB"))
    # A vector image that could not be read has a size all the same, and no colours.
    assert (pixels == (0xD5, 0x5E, 0x00)).all(axis=-1).sum() > 100
    assert (pixels == 255).all(axis=-1).mean() > 0.5


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


def test_a_verdict_leads_to_its_figure(
    browser: webdriver.Chrome, show: Show, whole_report: Path
) -> None:
    show(whole_report)
    links = browser.find_elements(By.CSS_SELECTOR, ".verdicts .group a")
    assert len(links) == 6
    links[3].click()
    top = evaluate(browser, "document.querySelector(':target').getBoundingClientRect().top")
    assert 0 <= top < DESK[1] / 2
    assert evaluate(browser, "document.querySelector(':target').textContent").startswith("Figure 3")


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
