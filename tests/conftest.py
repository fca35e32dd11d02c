"""What every test stands on: Qt without a screen, Hypothesis without a stopwatch."""

import os

# Before anything imports Qt: a test must not depend on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from hypothesis import settings

# A deadline for an example would be a timed assertion, which a busy machine fails.
settings.register_profile("knuckle", deadline=None)
settings.load_profile("knuckle")
