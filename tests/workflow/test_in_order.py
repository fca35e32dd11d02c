"""Work by several threads whose results come in order, and no more of them than asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from threading import Barrier, Event

import pytest

from annotator.workflow.jobs import in_order


def test_results_come_in_order_from_threads_at_once() -> None:
    together = Barrier(2)

    def work(number: int) -> int:
        together.wait(timeout=60)
        return number * number

    assert list(in_order(2, work, range(20))) == [number * number for number in range(20)]


def test_items_are_taken_when_their_turn_is_near() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with closing(in_order(2, str, items())) as made:
        for number, text in enumerate(made):
            assert text == str(number)
            assert len(taken) <= number + 3


def test_what_the_work_raises_is_raised_in_its_place() -> None:
    made = in_order(2, lambda number: 12 // (2 - number), range(9))
    assert (next(made), next(made)) == (6, 12)
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_giving_up_begins_nothing_more() -> None:
    begun, go_on = [], Event()

    def work(number: int) -> int:
        begun.append(number)
        if number:
            assert go_on.wait(timeout=60)
        return number

    made = in_order(1, work, range(50))
    assert next(made) == 0
    go_on.set()
    made.close()
    assert len(begun) <= 2
    assert list(in_order(3, work, [])) == []
