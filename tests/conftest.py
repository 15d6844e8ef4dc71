"""What all tests share."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# a shell makes what it puts in the background deaf to Ctrl-C, which tests press
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    """Undo what a command that ran within the tests set up for its own log, or later tests would hear nothing."""
    yield
    for name in ("optichain", "optichain_solvers", "optichain_reports"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def published_data() -> Path:
    """Published cases that are too large, or not ours, to be part of the repository."""
    place = Path(os.environ.get("OPTICHAIN_DATA", ROOT.parent / "shared" / "data"))
    if not place.is_dir():
        pytest.skip("the folder of published cases is not here: set OPTICHAIN_DATA")
    return place
