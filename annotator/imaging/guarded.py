"""The process behind `guard.GuardedReader`: takes paths on its input, answers on its output."""

from __future__ import annotations

import faulthandler
import os
import pickle
import sys
from pathlib import Path
from typing import IO

from annotator.domain.errors import KnuckleError
from annotator.imaging import part10, refusals
from annotator.imaging.dicom import decoded
from annotator.imaging.guard import Inspected, Refusal, receive, send


def main(seconds: float, memory: int) -> None:
    """Serve until the input ends; each file within the seconds, or the whole process ends at once."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints must not get among the answers
    _limit(memory)
    _warm_up()
    with open(os.devnull, "w", encoding="ascii") as nowhere:
        send(answers, b"ready")
        while (request := receive(sys.stdin.buffer)) is not None:
            # In C, and without needing the interpreter: it ends a decoder that never returns, too.
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
            answer = pickle.dumps(_inspect(Path(os.fsdecode(request))), pickle.HIGHEST_PROTOCOL)
            faulthandler.cancel_dump_traceback_later()
            _answer(answers, answer)


def _inspect(path: Path) -> Inspected | Refusal:
    from annotator.imaging.thumbnail import thumbnail

    try:
        data, info = part10.read_bytes(path)
        radiograph = decoded(data, info.st_size)
        return Inspected(
            facts=radiograph.facts,
            file_sha256=radiograph.file_sha256,
            pixels_sha256=radiograph.pixels_sha256,
            size=info.st_size,
            modified_ns=info.st_mtime_ns,
            thumbnail=thumbnail(radiograph),
        )
    except KnuckleError as error:
        return Refusal.of(error)
    except MemoryError:
        return Refusal.of(refusals.no_memory())


def _answer(answers: IO[bytes], answer: bytes) -> None:
    try:
        send(answers, answer)
    except OSError:  # the program that asked is gone
        raise SystemExit(0) from None


def _limit(memory: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # patients' pixels are not dumped to the disk


def _warm_up() -> None:
    """Load what the first file would have to wait for."""
    import cv2
    import imagecodecs  # noqa: F401

    import annotator.imaging.frame
    import annotator.imaging.thumbnail  # noqa: F401

    cv2.setNumThreads(1)  # the cores belong to whoever is reading


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
