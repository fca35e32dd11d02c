"""Reading files that nobody vouches for, in a process that may die (docs/decisions/0007)."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.imaging import refusals
from annotator.imaging.radiograph import Facts

SECONDS = 4.5
MEMORY = 4 * 2**30
"""Address space of the reading process in bytes, where the system can limit it (POSIX)."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What import keeps of a file. thumbnail: uint8 [h <= 96, w <= 128]. modified_ns: as in os.stat."""

    facts: Facts
    file_sha256: str
    pixels_sha256: str
    size: int
    modified_ns: int
    thumbnail: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A KnuckleError in a form that travels between processes."""

    message: str
    advice: str
    context: dict[str, str]

    @classmethod
    def of(cls, error: KnuckleError) -> Refusal:
        return cls(error.message, error.advice, dict(error.context))

    def error(self) -> KnuckleError:
        return KnuckleError(self.message, self.advice, **self.context)


class GuardedReader:
    """Reads files in a process of its own, which is started at the first file and again after a death.

    A context manager, for one thread. The process ends itself when a file takes too long, and when
    this program is gone, since its input then ends.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> GuardedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The system's number of the reading process, while one runs."""
        return self._process.pid if self._process is not None else None

    def inspect(self, path: Path) -> Inspected:
        """The whole file read, decoded and hashed. Raises KnuckleError where it cannot be used."""
        started = time.monotonic()
        reply = self._asked(os.fsencode(os.path.abspath(path)))
        if isinstance(reply, Inspected):
            return reply
        if isinstance(reply, Refusal):
            raise reply.error()
        self.close()
        late = time.monotonic() - started >= self._seconds
        raise refusals.too_slow(self._seconds) if late else refusals.crashed()

    def close(self) -> None:
        """End the process, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _closed(pipe)
        process.wait()

    def _asked(self, request: bytes) -> object:
        """The process's answer; None where it died over it."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            send(process.stdin, request)
            answer = receive(process.stdout)
        except OSError:
            return None
        return None if answer is None else pickle.loads(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "annotator.imaging.guarded", str(self._seconds), str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            assert self._process.stdout is not None
            if receive(self._process.stdout) is None:
                self.close()
                raise KnuckleError(
                    "The process that reads untrusted files could not be started.",
                    "Close other programs, or install Knuckle again.",
                )
        return self._process


def send(pipe: IO[bytes], message: bytes) -> None:
    """One message with its length before it. Raises OSError where nobody listens."""
    pipe.write(struct.pack(">L", len(message)) + message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next message, or None where the other side is gone."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    length = int(struct.unpack(">L", head)[0])
    message = pipe.read(length)
    return message if len(message) == length else None


def _closed(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # bytes that the dead process never took
        return


def _environment() -> dict[str, str]:
    """This environment, with the folder of this package on the path of the other process."""
    root = str(Path(__file__).resolve().parents[2])
    before = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": root + os.pathsep + before if before else root,
        "OPENBLAS_NUM_THREADS": "1",
    }
