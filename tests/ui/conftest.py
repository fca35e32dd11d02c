"""A canvas on the screen, without a radiograph and with one."""

import pytest
from canvas_driver import LOOK, grain, radiograph

from annotator.ui.radiograph_view import RadiographView, ViewState


@pytest.fixture
def blank(qtbot):
    """A view of 640 x 480 widget pixels that shows nothing yet."""
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    return made


@pytest.fixture
def fitted(blank):
    """The whole of a radiograph of 800 x 600."""
    blank.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    return blank


@pytest.fixture
def view(fitted):
    """Its middle at twice its size, so that a widget pixel is half an image pixel."""
    fitted.set_view_state(ViewState(2.0, (400.0, 300.0)))
    return fitted
