"""Who has read the images that a report is about."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from annotator.domain.people import Person, Role
from annotator.store.database import Database
from annotator.store.tables import person, reading


def readers_of(database: Database, image_ids: Collection[int]) -> list[Person]:
    """Everybody who has begun to read one of these images, by name."""
    begun = select(reading.c.reader_id).where(reading.c.image_id.in_(image_ids))
    wanted = select(person).where(person.c.id.in_(begun)).order_by(person.c.key)
    with database.read() as connection:
        return [Person(row.id, row.name, Role(row.role)) for row in connection.execute(wanted)]
