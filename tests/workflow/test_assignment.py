"""Assignment against every permutation there is."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.workflow.assignment import assign

tables = st.integers(1, 5).flatmap(
    lambda rows: st.integers(rows, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.floats(-50, 50), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@given(tables)
def test_no_other_assignment_costs_less(costs: list[list[float]]) -> None:
    chosen = assign(costs)
    assert len(set(chosen)) == len(costs)
    found = sum(row[column] for row, column in zip(costs, chosen, strict=True))
    others = permutations(range(len(costs[0])), len(costs))
    least = min(sum(row[c] for row, c in zip(costs, columns, strict=True)) for columns in others)
    assert found == pytest.approx(least)


def test_nobody_gets_nothing() -> None:
    assert assign([]) == []


def test_more_rows_than_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows for 1 columns"):
        assign([[1.0], [2.0]])
