"""The verbs of the command line that train: parsed here, done in `training_command`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli_options import COMMAND_LINE, By, Data, Json, Outcome, Report
from annotator.domain.people import Role


def add(app: typer.Typer, report: Report) -> None:
    """report: prints the outcome of a verb and leaves."""

    @app.command()
    def train(
        release: Annotated[Path, typer.Argument(help="Folder of the release.", readable=False)],
        data: Data,
        preset: Annotated[str, typer.Option("--preset", help="small or paper.")] = "small",
        start: Annotated[
            str, typer.Option("--start", help="With weights of active, or random ones.")
        ] = "active",
        name: Annotated[str, typer.Option("--name", help="Of the new version.")] = "",
        fold: Annotated[int, typer.Option("--fold", help="Held out, to measure on.")] = 1,
        epochs: Annotated[int | None, typer.Option("--epochs", help="Every joint is shown so often.")] = None,
        steps: Annotated[int | None, typer.Option("--steps", help="End after so many.")] = None,
        batch: Annotated[int | None, typer.Option("--batch", help="Crops a step.")] = None,
        width: Annotated[float | None, typer.Option("--width", help="Share of the paper's channels.")] = None,
        every: Annotated[
            int | None, typer.Option("--checkpoint-every", help="Steps a kill may cost.")
        ] = None,
        by: By = COMMAND_LINE,
        wait: Annotated[
            bool, typer.Option("--wait", help="Until it is measured beside the active one.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Train a new version on a release, in a process of its own. Exit 1: it did not begin or end well."""

        def work() -> Outcome:
            from annotator import training_command as command
            from annotator.terminal import open_beside, progress_bar

            given = command.options(epochs, steps, batch, width, every)
            wish = command.wish_of(release, preset, start, name, fold, given)
            with open_beside(data) as house, progress_bar("Train", quiet=as_json or not wait) as progress:
                person = house.administration.enter(by, Role.DATA)
                state = command.train(house, person, wish, progress, wait=wait)
            return command.printed(state, as_json)

        report("train", work, data, as_json)

    @app.command()
    def training(
        data: Data,
        name: Annotated[str, typer.Argument(help="Which; without it all are listed.")] = "",
        pause: Annotated[bool, typer.Option("--pause", help="Stop for a while, in memory.")] = False,
        resume: Annotated[bool, typer.Option("--resume", help="Go on, also after a kill.")] = False,
        cancel: Annotated[bool, typer.Option("--cancel", help="End it; what is put down stays.")] = False,
        bring: Annotated[bool, typer.Option("--bring", help="Bring the new version in.")] = False,
        activate: Annotated[bool, typer.Option("--activate", help="And have it propose.")] = False,
        by: By = COMMAND_LINE,
        wait: Annotated[bool, typer.Option("--wait", help="Until it has ended.")] = False,
        as_json: Json = False,
    ) -> None:
        """List the trainings, or show one and do something with it. Exit 1: it failed or was killed."""

        def work() -> Outcome:
            from annotator import training_command as command
            from annotator.terminal import open_beside, progress_bar

            deed = command.deed_of(pause=pause, resume=resume, cancel=cancel, bring=bring, activate=activate)
            with open_beside(data) as house, progress_bar("Train", quiet=as_json or not wait) as progress:
                if not name:
                    return command.listed(house, deed), True
                person = house.administration.enter(by, Role.DATA)
                state = command.do(house, person, name, deed, progress, wait=wait)
            return command.printed(state, as_json)

        report("training", work, data, as_json)
