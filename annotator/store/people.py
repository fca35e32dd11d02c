"""Who may sign in."""

from __future__ import annotations

import unicodedata

from sqlalchemy import Connection, bindparam, func, insert, select, update

from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.people import Person, Right, Role
from annotator.store import audit
from annotator.store.database import Database
from annotator.store.tables import person
from annotator.store.values import AnyRow

_ADMINISTRATORS = select(func.count()).where(person.c.role == Role.ADMINISTRATOR.value)


class People:
    """The people of a database. A name is one person in whatever case or width it is typed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Person]:
        """By name."""
        with self._database.read() as connection:
            return [_person(row) for row in connection.execute(select(person).order_by(person.c.key))]

    def find(self, name: str) -> Person | None:
        with self._database.read() as connection:
            row = connection.execute(select(person).where(person.c.key == _key(name))).first()
        return _person(row) if row else None

    def add(self, name: str, role: Role, by: Person | None) -> Person:
        """Add a person. by None: somebody who signs in for the first time, as a reader or data person, or as
        administrator while there is none. Raises LockedError without the right, KnuckleError for a name that
        is taken or none."""
        name = _checked(name)
        with self._database.write() as connection:
            if by is not None:
                require(connection, by, Right.PEOPLE)
            elif role is Role.ADMINISTRATOR and connection.scalar(_ADMINISTRATORS):
                raise LockedError("There is an administrator already.", "Ask them for the role.")
            if connection.scalar(select(person.c.id).where(person.c.key == _key(name))):
                raise KnuckleError(
                    f"There is a person named {name} already.", "Choose another name.", name=name
                )
            row = {"name": name, "key": _key(name), "role": role.value}
            made = connection.execute(insert(person).values(row).returning(person.c.id)).scalar_one()
            added = Person(made, name, role)
            detail = {"name": name, "role": role.value}
            audit.append(connection, by or added, "add person", f"person {added.id}", detail)
        return added

    def set_role(self, whom: Person, role: Role, by: Person) -> Person:
        """Give a person another role. Raises LockedError without the right, KnuckleError when no
        administrator would be left."""
        with self._database.write() as connection:
            require(connection, by, Right.PEOPLE)
            before = connection.scalar(select(person.c.role).where(person.c.id == whom.id))
            connection.execute(update(person).where(person.c.id == whom.id).values(role=role.value))
            if not connection.scalar(_ADMINISTRATORS):
                raise KnuckleError("No administrator would be left.", "Make somebody else one first.")
            detail = {"before": before, "after": role.value}
            audit.append(connection, by, "set role", f"person {whom.id}", detail)
        return Person(whom.id, whom.name, role)


_ROLE = select(person.c.role).where(person.c.id == bindparam("person"))


def require(connection: Connection, by: Person, right: Right) -> None:
    """Raises LockedError where the role that is stored for a person does not have a right."""
    role = connection.scalar(_ROLE, {"person": by.id})
    if role is None or not Person(by.id, by.name, Role(role)).may(right):
        raise LockedError(
            "Your role does not allow this.", "Ask an administrator for another role.", right=right.value
        )


def _checked(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise KnuckleError("A name has 1 to 100 printable characters.", "Type another name.")
    return name


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _person(row: AnyRow) -> Person:
    return Person(row.id, row.name, Role(row.role))
