"""How a connection to the SQLite file behaves.

journal_mode DELETE, since WAL has a corruption bug before SQLite 3.51.3. The driver is in autocommit and
every transaction begins by a statement of ours: BEGIN IMMEDIATE to write, so that two processes wait for each
other instead of failing half-way, plain BEGIN to read.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

BUSY_TIMEOUT_MS = 5000


def connect(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS, migrating: bool = False) -> Engine:
    """An engine on the file. migrating: foreign keys off and no pool, as batch migrations need it."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), **({"poolclass": NullPool} if migrating else {})
    )

    def prepare(dbapi_connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        dbapi_connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            "journal_mode=DELETE",
            "synchronous=FULL",
            f"foreign_keys={'OFF' if migrating else 'ON'}",
            "trusted_schema=OFF",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
