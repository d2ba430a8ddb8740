"""The directive `public-names`, which documents whatever a module makes public by `__all__`.

So nothing can be public and missing in the reference. What `infomax` itself has, e.g.
`infomax.estimate_mi`, is documented there, and rooms that have it too lead to it.
"""

import inspect
from importlib import import_module

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import infomax
from docs._extensions.public import first_line, public_names, words_below


def described(module: str, name: str) -> str:
    """Return the reStructuredText that documents a public name."""
    value = getattr(import_module(module), name)
    full = f"{module}.{name}"
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        return f".. {kind}:: {full}\n   :members:\n   :show-inheritance:\n"
    if inspect.isroutine(value):
        return f".. autofunction:: {full}\n"
    words = words_below(module, name) or "(Not told.)"
    return f".. py:data:: {name}\n\n   " + words.replace("\n", "\n   ") + "\n"


class PublicNames(SphinxDirective):  # type: ignore[misc]
    """Documents a module: its docstring, a table of its public names, and each of them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what stands on the page."""
        module = self.arguments[0]
        self.env.note_dependency(inspect.getfile(import_module(module)))
        at_home: list[str] = []
        elsewhere: list[str] = []
        for name in public_names(module):
            value = getattr(import_module(module), name)
            of_infomax = module != "infomax" and getattr(infomax, name, None) is value
            (elsewhere if of_infomax else at_home).append(name)
        table = [".. list-table::", "   :widths: 30 70", "   :class: public-names", ""]
        for name in public_names(module):
            home = "infomax" if name in elsewhere else module
            table += [f"   * - :py:obj:`~{home}.{name}`", f"     - {first_line(module, name)}"]
        parts = [f".. automodule:: {module}\n", f".. py:currentmodule:: {module}\n"]
        if len(table) > 4:
            parts += ["\n".join(table) + "\n"]
        parts += [described(module, name) for name in at_home]
        parsed: list[nodes.Node] = self.parse_text_to_nodes("\n".join(parts))
        return parsed


def _leave_out_of_others(
    _app: Sphinx, _kind: str, _name: str, member: object, _skip: bool, _options: object
) -> bool | None:
    # scikit-learn gives its estimators methods whose docstrings lead to its own site.
    return True if "RequestMethod" in getattr(member, "__qualname__", "") else None


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directive, and what is no member of ours."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-skip-member", _leave_out_of_others)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
