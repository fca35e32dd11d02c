"""Who holds Python's collector, and when it is given back."""

from __future__ import annotations

import gc

import pytest

from annotator.workflow.sweeping import Sweeper, unswept

pytestmark = pytest.mark.usefixtures("qapp")


def test_the_collector_stays_off_until_the_last_lets_go() -> None:
    """An export in a worker begins before, and ends while, a second window sweeps."""
    first, second = Sweeper(), Sweeper()
    with unswept():
        first.start()
        second.start()
        first.stop()
        assert not gc.isenabled()
    assert not gc.isenabled()
    second.stop()
    assert gc.isenabled()


def test_a_sweeper_holds_once_however_often_it_is_started_and_stopped() -> None:
    sweeper = Sweeper()
    sweeper.start()
    sweeper.start()
    assert not gc.isenabled()
    sweeper.stop()
    sweeper.stop()
    assert gc.isenabled()
    with unswept():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_where_it_was_off_already_it_stays_off() -> None:
    gc.disable()
    try:
        with unswept():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
