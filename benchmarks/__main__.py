"""`make bench`: every figure with its target on this machine. Exit 1 where a target is missed."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from importlib import import_module

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from rich.console import Console
from rich.table import Table

from benchmarks.table import Row

PARTS = (
    "canvas",
    "window",
    "store",
    "importing",
    "phantom",
    "ensemble",
    "scan",
    "naming",
    "review",
    "order",
    "exchange",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all without any")
    rows = [row for part in parser.parse_args().parts for row in measured(part)]
    table = Table(
        title=f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, offscreen"
    )
    for heading in ("what", "measured", "target", "compared with", ""):
        table.add_column(heading, justify="right" if heading in ("measured", "target") else "left")
    for row in rows:
        verdict = "" if row.target is None else ("reached" if reached(row) else "MISSED")
        table.add_row(
            row.what, shown(row.value, row.unit), shown(row.target, row.unit), row.baseline, verdict
        )
    Console(width=max(120, Console().width)).print(table)
    return 0 if all(map(reached, rows)) else 1


def measured(part: str) -> list[Row]:
    measure: Callable[[], list[Row]] = import_module(f"benchmarks.{part}").measure
    return measure()


def reached(row: Row) -> bool:
    """Rates ("... a second") are to be at least their target, everything else at most."""
    if row.target is None:
        return True
    return row.value >= row.target if row.unit.startswith("/") else row.value <= row.target


def shown(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}".strip()


def processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
