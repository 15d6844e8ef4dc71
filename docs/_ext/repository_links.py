"""Links to files of the repository that are no pages: on the built site only their names are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Look at the links of each page once it is read."""
    app.connect("doctree-read", _name_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _name_files(app: Sphinx, page: nodes.document) -> None:
    """Put the words and the path in the place of a link that leaves the pages; a link to nothing stays a warning."""
    root = Path(app.srcdir).resolve()
    for link in list(page.findall(addnodes.pending_xref)):
        if link.get("refdomain") != "doc":
            continue
        base = Path(app.env.doc2path(app.env.docname)).parent
        name = str(link["reftarget"]).split("#")[0]
        found = [f for f in ((root / f"{name}.md").resolve(), (base / name).resolve()) if f.is_file()]
        if found and not found[0].is_relative_to(root):
            shown = nodes.inline("", "", *link.children)
            path = str(found[0].relative_to(root.parent))
            link.replace_self([shown, nodes.Text(" ("), nodes.literal("", path), nodes.Text(")")])
