"""Entry points without an installation, for the two examples that bring one.

In earnest a distribution of your own has this in its ``pyproject.toml``, and ``pip install`` does the rest::

    [project.entry-points."optichain.solvers"]
    relax-and-fix = "custom_solver:RelaxAndFix"

What pip writes then is a folder ``NAME.dist-info``. Here it is written by hand, into a folder that is gone when the
program ends.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def installed(group: str, name: str, target: str) -> Iterator[None]:
    """Register one entry point while the block runs.

    Parameters
    ----------
    group : str
        ``optichain.solvers`` or ``optichain.reports``.
    name : str
        What users call it.
    target : str
        ``module:Class``.
    """
    with tempfile.TemporaryDirectory() as place:
        info = Path(place) / "example-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
        sys.path.append(place)
        try:
            yield
        finally:
            sys.path.remove(place)
