"""Who works with Knuckle, and what each may do."""

from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.errors import LockedError


class Role(StrEnum):
    """A name and a role identify a person; they do not protect anything."""

    READER = "reader"
    DATA = "data"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    READ = "read"
    IMPORT = "import"
    EXPORT = "export"
    MODELS = "models"
    WITHDRAW = "withdraw"
    STUDIES = "studies"
    PEOPLE = "people"
    RESTORE = "restore"
    REVEAL = "reveal"


_DATA_RIGHTS = frozenset({Right.IMPORT, Right.EXPORT, Right.MODELS, Right.STUDIES})
_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.READ}),
    Role.DATA: _DATA_RIGHTS,
    Role.ADMINISTRATOR: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in by name."""

    id: int
    name: str
    role: Role

    def may(self, right: Right) -> bool:
        return right in _RIGHTS[self.role]


def demand(by: Person, right: Right, what: str) -> None:
    """Raises LockedError where the person's role does not give the right."""
    if not by.may(right):
        raise LockedError(
            f"{by.name} may not {what}.", "Ask an administrator, who can do it or change the role."
        )
