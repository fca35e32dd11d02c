"""`python -m detector` as a process that nobody waits for: `python -m annotator.workflow.detector_apart LOG
ERRORS ARGUMENTS`. What it prints goes to the end of LOG, what it complains of into ERRORS."""

from __future__ import annotations

import os
import runpy
import sys

from annotator.workflow.process_facts import be_nice


def main() -> None:
    log, errors, *arguments = sys.argv[1:]
    be_nice()
    _into(log, sys.stdout.fileno(), os.O_APPEND)
    _into(errors, sys.stderr.fileno(), os.O_TRUNC)
    sys.argv[1:] = arguments
    runpy.run_module("detector", run_name="__main__", alter_sys=True)


def _into(file: str, stream: int, how: int) -> None:
    """Also what libraries print that know nothing of Python."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | how, 0o600)
    os.dup2(opened, stream)
    os.close(opened)


if __name__ == "__main__":
    main()
