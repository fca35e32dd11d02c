"""The command `knuckle`: parses, hands over, and says how it went. Exit 0 done, 1 not, 2 wrong usage."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from annotator import __version__, cli_export, cli_import, cli_training
from annotator.cli_options import COMMAND_LINE, By, Data, Json, Outcome
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Role
from annotator.domain.queue import QueueBy
from annotator.paths import default_data_folder, migrations

INTERRUPTED = 130
"""The exit status of a command that was ended by Ctrl+C, as shells have it."""

app = typer.Typer(
    help="Annotate and review finger joints on hand radiographs. Research use only, not for diagnosis.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may hold what no terminal can show
            stream.reconfigure(errors="backslashreplace")
    app()


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    data: Data,
    reader: Annotated[str, typer.Option("--reader", help="Sign in with this name.")] = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Open the window. Without --data on the folder the system gives to this user."""
    if version:
        print(f"knuckle {__version__}")
    elif context.invoked_subcommand is None:
        _open_window(data, reader)
    elif data != default_data_folder():  # given before the verb: it must not be lost
        context.default_map = {context.invoked_subcommand: {"data": str(data)}}


@app.command("import")
def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders or DICOMDIRs.", metavar="PATH...", readable=False)
    ],
    data: Data,
    study: Annotated[str, typer.Option("--study", help="Name of the study; made where there is none.")] = "",
    by: By = COMMAND_LINE,
    as_json: Json = False,
) -> None:
    """Take radiographs into a study. Exit 0: all are in; 1: any was refused."""

    def work() -> Outcome:
        from annotator.terminal import open_beside, progress_bar, study_named

        with open_beside(data) as house, progress_bar("Import", quiet=as_json) as progress:
            person = house.administration.enter(by, Role.DATA)
            chosen = study_named(house.administration, study, person)
            result = house.administration.library.add(paths, chosen, person, progress)
        refused = [{"file": r.file, "reason": r.reason} for r in result.refused]
        counts = {"imported": result.imported, "known": result.known, "passed": result.passed}
        return {**counts, "refused": refused}, not refused

    _report("import", work, data, as_json)


@app.command()
def propose(
    data: Data,
    images: Annotated[
        list[Path] | None,
        typer.Option(
            "--images",
            help="Files, folders or DICOMDIRs that were imported, several after one another; all without.",
            metavar="PATH...",
            readable=False,
        ),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(hidden=True, metavar="PATH...", readable=False)] = None,
    study: Annotated[str, typer.Option("--study", help="Name of the study; without it all.")] = "",
    by: By = COMMAND_LINE,
    again: Annotated[bool, typer.Option("--again", help="Also where the active version has looked.")] = False,
    as_json: Json = False,
) -> None:
    """Have the active version look at images, and keep what it proposes. Exit 1: any was refused."""

    def work() -> Outcome:
        from annotator.proposing_command import Wanted
        from annotator.proposing_command import propose as propose_for
        from annotator.terminal import open_beside, progress_bar

        wanted = Wanted((*(images or ()), *(more or ())), study, again)
        with open_beside(data) as house, progress_bar("Propose", quiet=as_json) as progress:
            person = house.administration.enter(by, Role.DATA)
            proposed = propose_for(house, person, wanted, progress)
        return proposed.object if as_json else proposed.lines, not proposed.refused

    _report("propose", work, data, as_json)


@app.command()
def report(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="New file, .html or .pdf.", readable=False)],
    patient: Annotated[str, typer.Option("--patient", help="Patient code, such as K-015.")] = "",
    image: Annotated[
        Path | None, typer.Option("--image", help="One radiograph instead.", readable=False)
    ] = None,
    study: Annotated[str, typer.Option("--study", help="Name of the study; without it all.")] = "",
    reader: Annotated[str, typer.Option("--reader", help="Whose reading; needed where several read.")] = "",
    by: By = COMMAND_LINE,
    dates: Annotated[bool, typer.Option("--dates", help="With dates beside the days.")] = False,
    as_json: Json = False,
) -> None:
    """Write one page about a patient or an image: findings, their score by the paper's rule, what changed."""

    def work() -> Outcome:
        from annotator.reporting_command import Wanted, in_lines
        from annotator.reporting_command import report as report_on
        from annotator.terminal import open_beside

        with open_beside(data) as house:
            person = house.administration.enter(by, Role.DATA)
            told = report_on(house, person, Wanted(out, patient, image, study, reader, dates))
        return told if as_json else in_lines(told), True

    _report("report", work, data, as_json)


@app.command()
def queue(
    data: Data,
    order: Annotated[QueueBy, typer.Option("--by", help="Between what, or of what, there is most doubt.")],
    study: Annotated[str, typer.Option("--study", help="Name of the study; needed where several are.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="New file for a table.", readable=False)] = None,
    person: Annotated[str, typer.Option("--person", help="Who asks.")] = COMMAND_LINE,
    as_json: Json = False,
) -> None:
    """List the images that should be read next, with a reason for each."""

    def work() -> Outcome:
        from annotator.queue_command import queue as queue_of
        from annotator.terminal import asker, open_beside, progress_bar

        with open_beside(data) as house, progress_bar("Queue", quiet=as_json) as progress:
            who = asker(house.administration, person)
            queued = queue_of(house, who, order, study, csv, progress)
        return queued.object if as_json else queued.lines, True

    _report("queue", work, data, as_json)


@app.command()
def relocate(
    old: Annotated[Path, typer.Argument(help="Folder as it was when imported.", readable=False)],
    new: Annotated[Path, typer.Argument(help="Folder where the files are now.", readable=False)],
    data: Data,
    by: By = COMMAND_LINE,
    as_json: Json = False,
) -> None:
    """Say where a moved folder of radiographs is now. Exit 1: some of its files are missing or differ."""

    def work() -> Outcome:
        from annotator.terminal import open_beside, progress_bar

        with open_beside(data) as house, progress_bar("Relocate", quiet=as_json) as progress:
            person = house.administration.enter(by, Role.DATA)
            moved = house.administration.library.relocate(old, new, person, progress)
        return {"moved": moved.moved, "missing": list(moved.missing)}, not moved.missing

    _report("relocate", work, data, as_json)


@app.command()
def people(
    data: Data,
    name: Annotated[str, typer.Argument(help="Whose role; without it all are listed.")] = "",
    role: Annotated[Role | None, typer.Argument(help="The role to give; without it theirs is shown.")] = None,
    by: Annotated[str, typer.Option("--by", help="Name of an administrator.")] = "",
    as_json: Json = False,
) -> None:
    """List who works here, or show or give the role of one of them."""

    def work() -> Outcome:
        from annotator.terminal import open_beside, person_named

        with open_beside(data) as house:
            if name and role:
                house.administration.give_role(name, role, by)
            known = house.administration.people.all()
            if name and not role:
                known = [person_named(house.administration, name)]
        return {"people": [{"name": person.name, "role": person.role.value} for person in known]}, True

    _report("people", work, data, as_json)


@app.command()
def check(data: Data, as_json: Json = False) -> None:
    """Verify the installation and the database: schema, foreign keys, integrity, audit chain, summaries.

    A folder without a database gets an empty one, which is told as new. Exit 1: something is wrong.
    """

    def work() -> Outcome:
        from annotator.app import data_paths, open_house
        from annotator.paths import resources
        from annotator.store.check import check as check_database

        resources()
        database = data_paths(data).database
        new = not os.path.exists(database)  # unlike Path.exists, this never raises
        if new:
            with open_house(data):
                print(f"There was no database; {database} is new and empty.", file=sys.stderr)
        report = check_database(database, migrations())
        found = {"new": new, "sound": report.sound, "problems": list(report.problems)}
        return {**found, "counts": report.counts}, report.sound

    _report("check", work, data, as_json)


@app.command()
def restore(
    data: Data,
    backup: Annotated[str, typer.Argument(help="Name of the backup; without it they are listed.")] = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """List the backups, newest first, or put one in the database's place, which is set aside."""

    def work() -> Outcome:
        from annotator.app import backups_of, data_paths, restore_backup

        if not backup:
            return {"backups": [path.name for path in backups_of(data_paths(data))]}, True
        chosen, aside = restore_backup(data, backup, by)
        return {"restored": chosen.name, "set_aside": aside.name if aside else None}, True

    _report("restore", work, data, as_json)


@app.command()
def demo(
    data: Annotated[
        Path, typer.Option("--data", help="Folder that keeps everything.", readable=False)
    ] = Path("demo-data"),
    headless: Annotated[bool, typer.Option("--headless", help="Without a display; writes pictures.")] = False,
    out: Annotated[Path, typer.Option("--out", help="Folder for the pictures.", readable=False)] = Path(
        "demo-out"
    ),
    as_json: Json = False,
) -> None:
    """Open the window on the sample study, or work through it unseen and write pictures of it.

    Never in the folder that the system gives to this user, unless it is named.
    """
    if not headless:
        _open_window(data, "", as_json, at_sample=True)

    def work() -> Outcome:
        from annotator.demonstration import demonstrate
        from annotator.terminal import progress_bar

        with progress_bar("Demonstration", quiet=as_json) as progress:
            return demonstrate(data, out, progress), True

    _report("demo", work, data, as_json)


def _open_window(data: Path, reader: str, as_json: bool = False, *, at_sample: bool = False) -> None:
    """Stay in the window until it is closed, then leave. Qt would abort where it finds no display."""
    if sys.platform == "linux" and not any(map(os.environ.get, _DISPLAYS)):
        _tell(KnuckleError("There is no display.", "Try: knuckle demo --headless --out FOLDER."), as_json)
        raise typer.Exit(1)
    gc.disable()  # importing makes many objects and no garbage
    try:
        from annotator.desktop import run
    finally:
        gc.enable()
    raise typer.Exit(run(data, reader, at_sample=at_sample))


_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def _report(verb: str, work: Callable[[], Outcome], data: Path, as_json: bool) -> None:
    """Print what came of it, as one JSON object or as lines, and leave with the exit status."""
    try:
        from annotator.app import in_words

        found, good = in_words(verb, work, data)
    except KnuckleError as error:
        _tell(error, as_json)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        _tell(
            KnuckleError("Interrupted.", "What was finished until then is kept; it can be done again."),
            as_json,
        )
        raise typer.Exit(INTERRUPTED) from error
    if as_json:
        _print_object(found)
    else:
        from annotator.terminal import show

        show(found)
    raise typer.Exit(0 if good else 1)


def _tell(error: KnuckleError, as_json: bool) -> None:
    if as_json:
        _print_object({"error": error.message, "advice": error.advice})
    else:
        print(error, file=sys.stderr)


def _print_object(found: dict[str, Any]) -> None:
    """In ASCII alone: some consoles and pipes cannot take any other, and every reader of JSON can."""
    print(json.dumps(found))


cli_export.add(app, _report)
cli_import.add(app, _report)
cli_training.add(app, _report)
