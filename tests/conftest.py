"""What every test stands on: Qt without a screen, the delivered fonts, Hypothesis without a stopwatch."""

import os

# Before anything imports Qt: a test must not depend on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import settings
from PySide6.QtWidgets import QApplication

from annotator import fonts

pytest_plugins = ("tests.study_fixtures",)

# A deadline for an example would be a timed assertion, which a busy machine fails; and whether a change is
# integrated must not depend on the dice.
settings.register_profile("knuckle", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("knuckle")


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application of pytest-qt, with the letters it has in use."""
    fonts.install(qapp)
    return qapp
