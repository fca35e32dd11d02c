"""Options that several verbs of the command line have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from annotator.paths import default_data_folder

COMMAND_LINE = "command line"
# Whether a path can be read is found out by whoever reads it, and told with its reason: readable=False.
Data = Annotated[
    Path,
    typer.Option(
        "--data", help="Folder that keeps everything.", default_factory=default_data_folder, readable=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
By = Annotated[str, typer.Option("--by", help="Name of the person who does it.")]


Outcome = tuple[dict[str, Any], bool]
"""What is printed, and whether all went well."""

Report = Callable[[str, Callable[[], Outcome], Path, bool], None]
"""Does the work of a verb in a data folder, prints its outcome, as JSON or in lines, and leaves."""
