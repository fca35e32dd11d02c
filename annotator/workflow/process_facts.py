"""Whether a process that was started some time ago is still the one with its number."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

SETTLES_S = 2.0


def mark_of(pid: int) -> str:
    """What tells this process from a later one with the same number; "" where none runs. A dead one that
    nobody has taken notice of does not run."""
    if sys.platform == "win32":
        return _windows_mark(pid)
    if (fields := _linux_facts(pid)) is not None:
        return "" if fields[0] in "ZX" else f"began {fields[19]}"
    if Path("/proc/self/stat").exists():
        return ""
    try:
        return f"session {os.getsid(pid)}"
    except OSError:
        return ""


def is_stopped(pid: int) -> bool | None:
    """Whether it was told to stop for a while; None where the system does not say."""
    fields = _linux_facts(pid)
    return None if fields is None else fields[0] in "Tt"


def wait_until_stopped(pid: int, stopped: bool) -> None:
    """A signal is obeyed a moment after it is sent; gives up after SETTLES_S, and where nobody can tell."""
    end = time.monotonic() + SETTLES_S
    while is_stopped(pid) is not None and is_stopped(pid) != stopped and time.monotonic() < end:
        time.sleep(0.005)


def _linux_facts(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the name, which may hold anything: the state, ..., the start."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


if sys.platform == "win32":
    import ctypes

    QUERY, STILL_ACTIVE, BELOW_NORMAL = 0x1000, 259, 0x4000

    def _windows_mark(pid: int) -> str:
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(QUERY, False, pid)
        if not handle:
            return ""
        code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.GetProcessTimes(handle, *(ctypes.byref(one) for one in times))
        kernel.CloseHandle(handle)
        return f"began {times[0].value}" if code.value == STILL_ACTIVE else ""

    def be_nice() -> None:
        """Other programs go first from now on."""
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), BELOW_NORMAL)

else:
    NICE = 10

    def be_nice() -> None:
        """Other programs go first from now on."""
        os.nice(NICE)
