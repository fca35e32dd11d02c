"""One open database a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import Desk, desk_on, open_database


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = open_database(tmp_path)
    yield desk_on(database)
    database.close()
