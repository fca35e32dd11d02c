"""Who gets what at the least cost in all.

By hand, since the only library that does it would be a fifth of the installed desk (see docs/decisions).
"""

from __future__ import annotations

from collections.abc import Sequence

INFINITE = float("inf")


def assign(costs: Sequence[Sequence[float]]) -> list[int]:
    """A column of its own for every row, such that the sum of the costs is least.

    costs: [rows][columns], finite, no more rows than columns; raises ValueError otherwise. Shortest
    augmenting paths with potentials (Jonker & Volgenant 1987); quick where most rows want different columns.
    """
    rows = len(costs)
    columns = len(costs[0]) if rows else 0
    if rows > columns:
        raise ValueError(f"{rows} rows for {columns} columns")
    row_of = [-1] * columns
    price = [0.0] * columns
    credit = [0.0] * rows
    for row in range(rows):
        end, came_from = _shortest_path(costs, row, row_of, price, credit)
        while end != -1:
            before = came_from[end]
            row_of[end] = row if before == -1 else row_of[before]
            end = before
    return [row_of.index(row) for row in range(rows)]


def _shortest_path(
    costs: Sequence[Sequence[float]],
    start: int,
    row_of: list[int],
    price: list[float],
    credit: list[float],
) -> tuple[int, list[int]]:
    """The free column that is nearest to a row, and from which column each was reached (-1: the row itself).

    Moves the potentials (price of columns, credit of rows) so that every reduced cost stays above zero.
    """
    columns = len(price)
    distance, came_from = [INFINITE] * columns, [-1] * columns
    ahead = list(range(columns))
    row, column, travelled = start, -1, 0.0
    reached: list[int] = []
    while True:
        wanted, so_far, before, nearest = costs[row], travelled - credit[row], column, INFINITE
        for other in ahead:
            reduced = so_far + wanted[other] - price[other]
            if reduced < distance[other]:
                distance[other], came_from[other] = reduced, before
            if distance[other] < nearest:
                nearest, column = distance[other], other
        travelled = nearest
        if row_of[column] == -1:
            break
        ahead.remove(column)
        reached.append(column)
        row = row_of[column]
    credit[start] += travelled
    for passed in reached:
        credit[row_of[passed]] += travelled - distance[passed]
        price[passed] -= travelled - distance[passed]
    return column, came_from
