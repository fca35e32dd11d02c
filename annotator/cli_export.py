"""The verbs of the command line that export: parsed here, done in `exporting_command`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli_options import COMMAND_LINE, By, Data, Json, Outcome, Report
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Role


def add(app: typer.Typer, report: Report) -> None:
    """report: prints the outcome of a verb and leaves."""

    @app.command()
    def export(
        data: Data,
        form: Annotated[str, typer.Option("--format", help="release, coco, voc, yolo, csv or sr.")],
        out: Annotated[
            Path | None, typer.Option("--out", help="New or empty folder.", readable=False)
        ] = None,
        study: Annotated[str, typer.Option("--study", help="Its name; needed where there are several.")] = "",
        readings: Annotated[
            str, typer.Option("--readings", help="signed, all, majority (of the signed), or a reader's name.")
        ] = "signed",
        findings: Annotated[
            list[str] | None,
            typer.Option("--findings", help="ankylosis,subluxation,dislocation: all without."),
        ] = None,
        merged: Annotated[
            bool, typer.Option("--merged/--apart", help="Subluxation and dislocation as one finding.")
        ] = False,
        certain: Annotated[
            bool, typer.Option("--without-uncertain", help="Leave probable findings unsaid.")
        ] = False,
        not_assessable: Annotated[
            bool, typer.Option("--with-not-assessable", help="Joints that are not assessable, too.")
        ] = False,
        unseen: Annotated[
            bool, typer.Option("--without-seen", help="No labels made after the model was seen.")
        ] = False,
        without_missing: Annotated[
            bool, typer.Option("--without-missing", help="Leave out images whose file is missing or changed.")
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Count, say what is left out and why, and write nothing.")
        ] = False,
        by: By = COMMAND_LINE,
        as_json: Json = False,
    ) -> None:
        """Write the labels of a study as files, a release with its pictures. Exit 1: nothing was written."""

        def work() -> Outcome:
            from annotator.exporting_command import Wanted
            from annotator.exporting_command import export as export_study
            from annotator.terminal import open_beside, progress_bar

            if out is None and not dry_run:
                raise KnuckleError("There is no folder to export into.", "Give one with --out FOLDER.")
            wanted = Wanted(
                form=form,
                out=None if dry_run else out,
                study=study,
                readings=readings,
                findings=findings or (),
                merged=merged,
                uncertain=not certain,
                not_assessable=not_assessable,
                seen=not unseen,
                without_missing=without_missing,
            )
            with open_beside(data) as house, progress_bar("Export", quiet=as_json) as progress:
                person = house.administration.enter(by, Role.DATA)
                return export_study(house, person, wanted, progress, as_json=as_json)

        report("export", work, data, as_json)

    @app.command()
    def compare_releases(
        before: Annotated[Path, typer.Argument(help="Folder of a release.", readable=False)],
        after: Annotated[Path, typer.Argument(help="Folder of another one.", readable=False)],
        data: Data,
        as_json: Json = False,
    ) -> None:
        """Say what two releases differ in: images and labels added, removed, changed. Exit 0 also then."""

        def work() -> Outcome:
            from annotator.exporting_command import compare

            return compare(before, after, as_json=as_json), True

        report("compare-releases", work, data, as_json)
