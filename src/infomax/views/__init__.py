"""Views: one item split into two."""

from infomax.views.halves import top_and_bottom

__all__ = ["top_and_bottom"]
