"""What every test stands on: Qt without a screen, the delivered fonts, Hypothesis without a stopwatch."""

import gc
import os
import signal
from collections.abc import Iterator

# Before anything imports Qt: a test must not depend on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import settings
from PySide6.QtWidgets import QApplication
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from annotator import fonts

pytest_plugins = ("tests.study_fixtures",)

ONCE = {
    "tests/test_packaging.py": "packaging",
    "tests/test_cli_demo.py": "sampled",
    "tests/workflow/test_sample.py": "sampled",
    "tests/workflow/test_sample_study.py": "sampled",
    "tests/detector/test_crossval.py": "crossval",
    "tests/detector/test_demo_data.py": "demo data",
}
"""Files whose fixtures take long: one worker makes them once. The groups of xdist itself do nothing from
pytest 9.2 on (pytest-xdist issue 1386)."""


# A shell has what it starts in the background ignore Ctrl+C, and what that starts inherits it; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A deadline for an example would be a timed assertion, which a busy machine fails; and whether a change is
# integrated must not depend on the dice.
settings.register_profile("knuckle", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("knuckle")


class ByFixture(LoadScopeScheduling):
    """Test by test, but the files of ONCE together."""

    def _split_scope(self, nodeid: str) -> str:
        return ONCE.get(nodeid.partition("::")[0], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFixture | None:
    """For --dist loadgroup alone."""
    return ByFixture(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application of pytest-qt, with the letters it has in use."""
    fonts.install(qapp)
    return qapp


@pytest.fixture(autouse=True)
def collector_as_before() -> Iterator[None]:
    """Python's collector, which a window holds: one that is never given back weighs on all that follows."""
    before = gc.isenabled()
    yield
    after = gc.isenabled()
    if before:
        gc.enable()
    assert after == before, "something holds the garbage collector and was not shut down"
