"""What runs a version, as options of a command line."""

import argparse
from pathlib import Path

from detector.version.values import RUNTIMES


def add_version(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--version", type=Path, metavar="DIR", help="folder of the version (default: Knuckle's own)"
    )


def add_running(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--runtime", choices=tuple(RUNTIMES), help="what runs it (default: the version's)")
    verb.add_argument("--precision", choices=("f32", "bf16", "int8"), help="f32 unless the version says more")
    add_threads(verb)


def add_threads(verb: argparse.ArgumentParser) -> None:
    """No more are used than there are cores; fewer than one is refused (`runtime.cores`)."""
    verb.add_argument("--threads", type=int, metavar="N", help="how many cores (default: all)")
