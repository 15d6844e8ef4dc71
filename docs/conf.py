"""How the documentation is built: ``sphinx-build -W docs build/docs``; needs ``pip install 'optichain[docs]'``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The extensions of these pages, and the three packages where they are not installed.
sys.path[:0] = [
    str(HERE / "_ext"),
    str(HERE.parent),
    str(HERE.parent / "solvers"),
    str(HERE.parent / "reports"),
]

from optichain import __version__  # noqa: E402

project = "optichain"
author = "the authors of optichain"
copyright = author  # noqa: A001
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "format_reference",
    "mathml",
    "repository_links",
]
exclude_patterns = ["_ext", "build"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "exclude-members": "__init__, __new__"}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"optichain {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
