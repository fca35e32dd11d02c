"""What the tables are made of: rules with a version in their names, columns, and rows that only are added."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text

metadata = MetaData()

FAR = 1_000_000.0
"""No corner of a box lies further away, in pixels."""


def rule(table: str, name: str, condition: str, version: int = 1) -> CheckConstraint:
    return CheckConstraint(condition, name=f"ck_{table}_{name}_{version}")


def one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def flag(table: str, column: str) -> CheckConstraint:
    return rule(table, column, f"{column} IN (0, 1)")


def box_condition() -> str:
    """Corners x0, y0, x1, y1 are there, no infinities, and span an area; false, never unknown."""
    near = " AND ".join(f"{corner} BETWEEN -{FAR} AND {FAR}" for corner in ("x0", "y0", "x1", "y1"))
    return f"coalesce({near} AND x0 < x1 AND y0 < y1, false)"


def required(name: str, *arguments: ForeignKey) -> Column[int]:
    return Column(name, Integer, *arguments, nullable=False)


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def append_only(table: Table) -> tuple[str, ...]:
    """Triggers that refuse to change, delete or replace a row."""
    name, key = table.name, " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key)
    return (
        f"""CREATE TRIGGER {name}_no_update_1 BEFORE UPDATE ON {name}
        BEGIN SELECT RAISE(ABORT, '{name} rows are never changed'); END""",
        f"""CREATE TRIGGER {name}_no_delete_1 BEFORE DELETE ON {name}
        BEGIN SELECT RAISE(ABORT, '{name} rows are never deleted'); END""",
        f"""CREATE TRIGGER {name}_no_replace_1 BEFORE INSERT ON {name}
        WHEN EXISTS (SELECT 1 FROM {name} WHERE {key})
        BEGIN SELECT RAISE(ABORT, '{name} rows are only added'); END""",
    )
