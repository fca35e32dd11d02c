"""`python -m detector`: parses, hands over, and says how it went. Exit 0 done, 1 not, 2 wrong usage."""

import argparse
import io
import sys
from collections.abc import Sequence

from detector.errors import DetectorError
from detector.release.values import ReleaseError
from detector.verbs import check, compare, crossval, evaluate, explain, predict, split, train

VERBS = (split, check, train, crossval, evaluate, compare, predict, explain)
"""In the order of the help."""

INTERRUPTED = 130
"""The exit status of a command that was ended by Ctrl+C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may hold what no terminal can show
            stream.reconfigure(errors="backslashreplace")
    given = parser().parse_args(arguments)
    try:
        done: int = given.run(given)
        return done
    except (DetectorError, ReleaseError) as error:
        print(f"{given.verb}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{given.verb}: {sentence(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1


def sentence(error: OSError) -> str:
    """What went wrong, with the file it went wrong with where that is known."""
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"


def parser() -> argparse.ArgumentParser:
    """The verbs and what they take."""
    whole = argparse.ArgumentParser(
        prog="python -m detector",
        description="Finds finger joints and their findings in hand radiographs. Research use only, "
        "not for diagnosis.",
    )
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        verb.add(verbs)
    return whole


if __name__ == "__main__":
    sys.exit(main())
