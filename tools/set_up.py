"""Make `.venv` and bring in what the machine lacks. Called by the Makefile, with the system's own Python:

    python3 tools/set_up.py desk|test

desk: the program, as `make run` needs it. test: also what trains the detector and makes it faster, the test
tools and dciodvfy. A second call finds everything in place and ends at once. Standard library only: this runs
before anything is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
EXTRAS = {"desk": "", "test": "[train,fast,sr,test]"}
SIZES = {"desk": "700 MB", "test": "some 6 GB, most of it torch"}

# Debian's package of each shared library that Qt's widgets and its three platform plug-ins load.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def main(kind: str) -> int:
    begun = time.monotonic()
    if sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)):
        version = sys.version.split()[0]
        return complain(
            f"Knuckle needs Python 3.11 to 3.13, this is {version}. Try: make PYTHON=python3.13 ..."
        )
    wanted = fingerprint()
    if not is_stamped(kind, wanted):
        if not (make_environment() and install(kind)):
            return 1
        stamp(kind).write_text(wanted)
    bring_packages(missing_packages(kind))
    if still := missing_libraries("libqoffscreen.so"):
        return complain(f"Qt cannot start without {', '.join(sorted(still))}.")
    print(f"The {kind} is set up in {VENV.name} ({time.monotonic() - begun:.1f} s).", flush=True)
    return 0


def stamp(kind: str) -> Path:
    return VENV / f".set-up-{kind}"


def is_stamped(kind: str, wanted: str) -> bool:
    """Whether this was installed before; the test environment holds the desk too."""
    stamps = {stamp(kind), stamp("test")}
    return PYTHON.exists() and any(one.exists() and one.read_text() == wanted for one in stamps)


def fingerprint() -> str:
    """What an installation follows from; when any of it changes, the next call installs again."""
    parts = [str(ROOT).encode(), sys.version.encode()]
    parts += [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> bool:
    if PYTHON.exists() and runs([str(PYTHON), "-m", "pip", "--version"], silent=True):
        return True
    print(f"Making {VENV.name} ...", flush=True)
    if runs([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        return True
    complain("Python cannot make a virtual environment here.")
    bring_packages({"python3-venv"})
    return runs([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(kind: str) -> bool:
    print(f"Installing the {kind} (the first time: {SIZES[kind]}) ...", flush=True)
    constraints = str(ROOT / "constraints.txt")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--constraint", constraints]
    # The system's pip may be too old to hold the build tools to the constraints as well.
    return runs([*pip, "--upgrade", "pip"]) and runs(
        [*pip, "--build-constraint", constraints, "--editable", f"{ROOT}{EXTRAS[kind]}"]
    )


def missing_packages(kind: str) -> set[str]:
    """Debian packages whose libraries or tools are not on this machine."""
    displays = {"DISPLAY": "libqxcb.so", "WAYLAND_DISPLAY": "libqwayland.so"}
    plugins = ["libqoffscreen.so", *(displays[name] for name in displays if os.environ.get(name))]
    packages = {LIBRARIES.get(name, name) for plugin in plugins for name in missing_libraries(plugin)}
    if kind == "test" and sys.platform == "linux" and shutil.which("dciodvfy") is None:
        packages.add("dicom3tools")
    return packages


def missing_libraries(plugin: str) -> set[str]:
    """Shared libraries which a platform plug-in of Qt, or the widgets, ask for in vain (Linux only)."""
    if sys.platform != "linux" or shutil.which("ldd") is None:
        return set()
    (qt,) = (VENV / "lib").glob("python3*/site-packages/PySide6")
    files = [qt / "Qt" / "plugins" / "platforms" / plugin, *qt.glob("Qt[GW]*.abi3.so")]
    answer = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False).stdout
    return {line.split()[0] for line in answer.splitlines() if line.endswith("not found")}


def bring_packages(packages: set[str]) -> None:
    """Install with apt as root; print the one line that does it otherwise."""
    if not packages:
        return
    names = " ".join(sorted(packages))
    apt = shutil.which("apt-get")
    if apt and os.name == "posix" and os.geteuid() == 0:
        print(f"Installing with apt: {names} ...", flush=True)
        update = [apt, "update", "--quiet=2"]
        line = [apt, "install", "--yes", "--quiet=2", "--no-install-recommends", *sorted(packages)]
        if runs(update, silent=True) and runs(line, silent=True):
            return
    complain(f"This machine lacks: {names}. On Debian or Ubuntu:\n    sudo apt-get install {names}")


def runs(command: list[str], silent: bool = False) -> bool:
    """Whether the command succeeds. Silent: only what it has to say when it fails is shown."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run = subprocess.run(command, env=environment, capture_output=silent, text=True, check=False)
    if silent and run.returncode:
        print(run.stdout, run.stderr, sep="", file=sys.stderr, flush=True)
    return run.returncode == 0


def complain(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    if sys.argv[1:] not in (["desk"], ["test"]):
        sys.exit(complain("usage: python3 tools/set_up.py desk|test"))
    sys.exit(main(sys.argv[1]))
