"""A short name for the state of the sources, by which kept results of pages are found again."""

from hashlib import sha256
from pathlib import Path

from sphinx.application import Sphinx

OF_GALLERY = Path(__file__).parents[2] / "build" / "docs" / "gallery-state"


def state_of(*places: Path) -> str:
    """Return a hash of all Python files below folders, and of single files.

    Args:
        places: folders, of which Python files are read, or files.
    """
    state = sha256()
    for place in places:
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for file in files:
            state.update(file.relative_to(place.parent).as_posix().encode())
            state.update(file.read_bytes())
    return state.hexdigest()[:16]


def gallery_is_of(state: str) -> bool:
    """Return whether the pages of the gallery that are there were made of sources of this state."""
    return OF_GALLERY.exists() and OF_GALLERY.read_text(encoding="utf-8") == state


def _write_down(app: Sphinx, failure: Exception | None) -> None:
    if failure is None:
        OF_GALLERY.parent.mkdir(parents=True, exist_ok=True)
        OF_GALLERY.write_text(app.config.state_of_sources, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    """Register what is written down once the site is built."""
    app.add_config_value("state_of_sources", "", "", str)
    app.connect("build-finished", _write_down)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
