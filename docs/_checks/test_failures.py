"""A page that fails stops the build, and what is said names the page and the cell."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONF = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from docs.conf import *
bibtex_bibfiles = []
html_css_files = []
html_static_path = []
nb_execution_cache_path = "cells"
sphinx_gallery_conf = {{**sphinx_gallery_conf, "examples_dirs": "examples"}}
extensions = [name for name in extensions if not name.startswith("docs.")]
"""
HEADER = """---
file_format: mystnb
kernelspec:
  name: python3
---
"""
INDEX = "# Site\n\n```{toctree}\npage\n```\n"
FINE = '"""\nFine\n====\n\nText.\n"""\n\nprint(1)\n'
FAILING_EXAMPLE = '"""\nFails\n=====\n\nText.\n"""\n\nprint(1)\n\n# %%\n# More.\n\nnot_there + 1\n'
CELL = "```{code-cell} ipython3\n%s\n```\n"
FAILING_PAGE = f"# Page\n\n{CELL % 'print(1)'}\n{CELL % 'not_there + 1'}"


def built(folder: Path, page: str, example: str) -> "subprocess.CompletedProcess[str]":
    """Build a site of one page and one example with the settings of ours."""
    (folder / "examples").mkdir()
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(INDEX)
    (folder / "page.md").write_text(HEADER + page)
    (folder / "examples" / "GALLERY_HEADER.rst").write_text(":orphan:\n\nGallery\n=======\n")
    (folder / "examples" / "one_that_may_fail.py").write_text(example)
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", ".", "html"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize(
    ("page", "example", "named"),
    [
        (FAILING_PAGE, FINE, "page.md"),
        ("# Page\n\nText.\n", FAILING_EXAMPLE, "one_that_may_fail.py"),
    ],
    ids=["page", "example"],
)
def test_what_fails_is_named_with_its_cell(
    tmp_path: Path, page: str, example: str, named: str
) -> None:
    done = built(tmp_path, page, example)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert named in said
    assert "not_there + 1" in said
    assert "NameError" in said


def test_a_broken_link_stops_the_build(tmp_path: Path) -> None:
    done = built(tmp_path, "# Page\n\n[There](nowhere.md) and [here](#no-heading).\n", FINE)
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
    assert "no-heading" in done.stderr
