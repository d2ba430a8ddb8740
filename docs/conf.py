"""How Sphinx makes the site: `make docs`.

What the site needs beside Sphinx's own extensions stands in `_extensions`. Nothing is fetched while
it is built or read, and whatever is made on the way lies below `build`, but for the gallery, which
Sphinx-Gallery writes into the source tree (ignored by git).
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

import infomax  # noqa: E402
from docs._extensions.source_state import gallery_is_of, state_of  # noqa: E402

project = "infomax"
author = "the authors of infomax"
project_copyright = "the authors of infomax, MIT"
version = release = infomax.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_nb",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "docs._extensions.llms_txt",
    "docs._extensions.pages_from_elsewhere",
    "docs._extensions.public_names",
    "docs._extensions.source_state",
    "docs._extensions.ways_back_from_code",
]
exclude_patterns = ["_checks", "_extensions", "gallery/**.ipynb"]
# reStructuredText for what Sphinx-Gallery writes, Markdown for what people do.
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb"}
nitpick_ignore_regex = [("py:.*", r"(?!infomax\.).*")]
show_warning_types = True

# The reference.
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
viewcode_line_numbers = True
add_module_names = False

# Markdown, and pages that are run.
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
state_of_sources = STATE = state_of(ROOT / "src", ROOT / "constraints.txt")
nb_execution_mode = "cache"
# Cells are run again when the package has changed, which a cache of cells alone would not notice.
nb_execution_cache_path = str(ROOT / "build" / "docs" / f"cells-{STATE}")
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 120
nb_merge_streams = True

# Formulas are set by MathJax from a file of this site; that extension itself would copy 24 MB.
mathjax_path = "tex-svg.js"
_package = find_spec("sphinx-mathjax-offline")
assert _package is not None and _package.origin is not None, "make docs installs it"
_mathjax = Path(_package.origin).parent / "static" / "mathjax" / "tex-svg.js"
mathjax3_config = {"svg": {"fontCache": "global"}, "options": {"enableMenu": False}}

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

sphinx_gallery_conf = {
    "examples_dirs": str(ROOT / "examples" / "gallery"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "ExampleTitleSortKey",
    "abort_on_example_error": True,
    # Like the cells above: a change of the package runs all of them again.
    "run_stale_examples": not gallery_is_of(STATE),
    "doc_module": ("infomax",),
    "backreferences_dir": "gallery/backreferences",
    "download_all_examples": False,
    "write_computation_times": False,
    "show_memory": False,
    "min_reported_time": 1e9,
    "plot_gallery": True,
    "image_srcset": ["2x"],
    "matplotlib_animations": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "infomax"
html_static_path = ["_static", str(_mathjax)]
html_css_files = ["infomax.css"]
html_show_sphinx = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "infomax"},
    "header_links_before_dropdown": 9,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "show_prev_next": True,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app: Sphinx) -> None:
    """Register what needs no extension of its own."""
    # A code host draws these; here they are shown as they are written.
    app.add_lexer("mermaid", TextLexer)
