"""The verbs of the command line that import labels: parsed here, done in `importing_command`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli_options import COMMAND_LINE, By, Data, Json, Outcome, Report
from annotator.domain.people import Role

_Study = Annotated[str, typer.Option("--study", help="Its name; needed where there are several.")]


def add(app: typer.Typer, report: Report) -> None:
    """report: prints the outcome of a verb and leaves."""

    @app.command()
    def import_labels(
        file: Annotated[Path, typer.Argument(help="File or folder of labels.", readable=False)],
        form: Annotated[str, typer.Option("--format", help="coco, voc, yolo, csv or sr.")],
        data: Data,
        study: _Study = "",
        reader: Annotated[
            str, typer.Option("--reader", help="Whose labels, where the file has those of several.")
        ] = "",
        by: By = COMMAND_LINE,
        as_json: Json = False,
    ) -> None:
        """Take labels in as proposals, never as annotations. Exit 1: some were refused."""

        def work() -> Outcome:
            from annotator.importing_command import import_labels as take_in
            from annotator.terminal import open_beside, progress_bar

            with open_beside(data) as house, progress_bar("Import", quiet=as_json) as progress:
                person = house.administration.enter(by, Role.DATA)
                return take_in(house, person, file, form, study, reader, progress, as_json=as_json)

        report("import-labels", work, data, as_json)

    @app.command()
    def import_set(
        coco: Annotated[Path, typer.Argument(help="COCO file of the set.", readable=False)],
        mapping: Annotated[Path, typer.Option("--mapping", help="TOML file.", readable=False)],
        images: Annotated[Path, typer.Option("--images", help="Folder of its pictures.", readable=False)],
        out: Annotated[Path, typer.Option("--out", help="Folder for the DICOM files.", readable=False)],
        data: Data,
        study: _Study = "",
        by: By = COMMAND_LINE,
        as_json: Json = False,
    ) -> None:
        """Take a published set in: pictures as DICOM, boxes as proposals. Exit 1: some were refused."""

        def work() -> Outcome:
            from annotator.importing_command import import_set as take_in
            from annotator.terminal import open_beside, progress_bar

            with open_beside(data) as house, progress_bar("Import", quiet=as_json) as progress:
                person = house.administration.enter(by, Role.DATA)
                return take_in(house, person, coco, mapping, images, out, study, progress, as_json=as_json)

        report("import-set", work, data, as_json)
