"""What the command line shows: a bar while something runs, and the outcome as lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from annotator.app import House, open_house
from annotator.cli_options import COMMAND_LINE
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Person, Role
from annotator.workflow.administration import Administration
from annotator.workflow.jobs import Progress as Report

NEW_STUDY, PREFIX = "Study", "K"
"""What the first study of the command line is called, and the letter of its patient codes."""


@contextmanager
def open_beside(data: Path) -> Iterator[House]:
    """The data folder, beside a window that may be open on it; what is wrong with the preferences is told."""
    with open_house(data, alone=False) as house:
        if house.complaint:
            print(house.complaint, file=sys.stderr)
        yield house


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Report]:
    """A bar on standard error that follows a job's reports; quiet: none at all."""
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(done: int, total: int, text: str) -> None:
            bar.update(task, completed=done, total=total or None, description=text)

        yield report


def study_named(administration: Administration, name: str, by: Person) -> Study:
    """The study of this name, made where there is none; without a name the only one there is."""
    known = administration.studies.all()
    found = [study for study in known if study.name == name] if name else known
    if len(found) > 1:
        names = ", ".join(study.name for study in known)
        raise KnuckleError(f"There is more than one study: {names}.", "Say which with --study NAME.")
    return found[0] if found else administration.create_study(name or NEW_STUDY, PREFIX, by)


def known_studies(administration: Administration, name: str) -> list[Study]:
    """The study of this name, without a name all. Raises KnuckleError where nobody made one of this name."""
    known = administration.studies.all()
    found = [study for study in known if study.name == name] if name else known
    if name and not found:
        there = ", ".join(study.name for study in known) or "none"
        raise KnuckleError(f"There is no study named {name}.", f"There are: {there}.")
    return found


def person_named(administration: Administration, name: str) -> Person:
    """Somebody who works here. Raises KnuckleError where nobody has this name."""
    person = administration.people.find(name)
    if person is None:
        raise KnuckleError(f"Nobody here is known as {name}.", "See who is with: knuckle people.")
    return person


def asker(administration: Administration, name: str) -> Person:
    """Who asks for something to be read: the command line itself, or somebody who works here. Raises
    KnuckleError for a name that nobody has: a slip of the keys must not make a person."""
    if name == COMMAND_LINE:
        return administration.enter(name, Role.DATA)
    return person_named(administration, name)


def show(found: dict[str, Any], indent: str = "") -> None:
    """Names and values, lists one item a line."""
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}:")
            show(value, indent + "  ")
        elif isinstance(value, list):
            print(f"{indent}{name}: {len(value)}")
            for item in value:
                text = ": ".join(map(str, item.values())) if isinstance(item, dict) else str(item)
                print(f"{indent}  {text}")
        else:
            print(f"{indent}{name}: {value}")
