"""``python -m optichain``."""

from __future__ import annotations

from optichain.cli import main

if __name__ == "__main__":
    main()
