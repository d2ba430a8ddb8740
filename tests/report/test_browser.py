import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def screenshot(page: Path, folder: Path, *, scheme: str) -> tuple[Image.Image, list[str]]:
    """Return what a browser shows of a page, and what it complains of."""
    image = folder / f"{scheme}.png"
    command = [
        str(CHROMIUM),
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        "--window-size=1280,4000",
        f"--screenshot={image}",
        page.as_uri(),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    complaints = re.findall(r".*CONSOLE.*", ended.stderr)
    return Image.open(image).convert("RGB"), complaints


@pytest.mark.parametrize(("scheme", "page_is_dark"), [("light", False), ("dark", True)])
def test_a_browser_shows_the_page_and_its_figures(
    critics: Any, tmp_path: Path, scheme: str, page_is_dark: bool
) -> None:
    image, complaints = screenshot(critics.write(tmp_path / "out"), tmp_path, scheme=scheme)
    assert complaints == []
    pixels = np.asarray(image)
    assert bool(pixels[5, 5].max() < 100) is page_is_dark
    # The colour of the concat critic is that of the page only where its figure is shown.
    assert (pixels == (0xD5, 0x5E, 0x00)).all(axis=-1).sum() > 100
