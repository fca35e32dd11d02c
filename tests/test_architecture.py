"""The rules of the house, read off the source. Every rule is shown bad examples too, and must report them."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("annotator", "detector")
EVERYWHERE = (*HOUSE, "alembic", "benchmarks", "tests", "tools")

# Third-party packages and rooms which a room may import, besides the standard library and itself. The longest
# fitting name counts, so a single file may be named as well.
MAY_IMPORT: dict[str, set[str]] = {
    "annotator": {"annotator.domain", "annotator.paths", "platformdirs", "tomli_w", "PySide6.QtCore"},
    "annotator.fonts": {"annotator.domain", "annotator.paths", "PySide6.QtGui"},
    "annotator.domain": set(),
    "annotator.imaging": {
        "annotator.domain", "numpy", "cv2", "pydicom", "imagecodecs",
    },
    "annotator.store": {"annotator.domain", "annotator.paths", "sqlalchemy", "alembic"},
    "annotator.exchange": {
        "annotator.domain", "annotator.imaging", "numpy", "imagecodecs", "pydicom", "highdicom",
    },
    "annotator.workflow": {
        "annotator.domain", "annotator.imaging", "annotator.store", "annotator.exchange", "annotator.paths",
        "annotator.settings", "PySide6.QtCore", "numpy",
    },
    "annotator.workflow.sample": {
        "annotator.domain", "annotator.imaging", "annotator.store", "annotator.workflow", "annotator.paths",
        "PySide6.QtCore", "numpy", "detector.phantom",
    },
    "annotator.workflow.detection": {"annotator.domain", "annotator.workflow", "numpy", "detector"},
    "annotator.ui": {
        "annotator.domain", "annotator.workflow", "annotator.settings", "annotator.imaging.display",
        "annotator.imaging.dicom", "annotator.imaging.radiograph", "annotator.imaging.resample",
        "annotator.paths", "numpy", "pyqtgraph", "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets",
        "PySide6.QtSvg",
    },
    "detector": {
        "numpy", "cv2", "PIL", "torch", "torchvision", "onnx", "onnxruntime", "openvino", "sklearn",
        "matplotlib", "safetensors", "imagecodecs",
    },
}  # fmt: skip
VERSION = "annotator.__version__"
FUSE_BOXES = {
    f"annotator.{name}"
    for name in (
        "app", "desktop", "cli", "terminal", "demonstration", "proposing_command", "queue_command",
        "reporting_command", "training_command", "cli_options", "cli_training", "cli_export",
        "exporting_command", "cli_import", "importing_command", "__main__",
    )
}  # fmt: skip

MAY_CATCH_ALL = {"annotator/app.py", "annotator/workflow/jobs.py"}
MAY_START_THREADS = {"annotator/workflow/jobs.py"}
MAY_START_PROCESSES = {"annotator/imaging/guard.py", "annotator/workflow/training.py"}
THREADS = {"Thread", "Timer", "ThreadPoolExecutor", "ThreadPool", "QThread", "QThreadPool", "QRunnable"}
PROCESSES = {
    "subprocess",
    "multiprocessing",
    "ProcessPoolExecutor",
    "QProcess",
    "fork",
    "posix_spawn",
    "Popen",
}
VAGUE_WORDS = {"Manager", "Helper", "Helpers", "Util", "Utils", "Base", "Mixin"}
LONGEST_FILE, LONGEST_CLASS, MOST_METHODS = 400, 300, 25


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def imported(path: str, tree: ast.AST) -> Iterator[str]:
    """Full names: of the module for `import a.b`, of the module and each name for `from a import b`."""
    parents = module_of(path).split(".") if path.endswith("__init__.py") else module_of(path).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = parents[: len(parents) + 1 - node.level] if node.level else []
            package = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{package}.{alias.name}" for alias in node.names)


def wrong_imports(path: str, tree: ast.AST) -> list[str]:
    """Imports which the room of this file does not allow."""
    module = module_of(path)
    if module in FUSE_BOXES:
        return []
    room = max((room for room in MAY_IMPORT if is_within(module, room)), key=len)
    # Modules that lie straight in annotator are in no room, and see only each other and what is listed.
    own = {room} if room != "annotator" else set()
    return [
        name
        for name in imported(path, tree)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not (name == VERSION and is_within(module, "annotator"))
        and not any(is_within(name, allowed) for allowed in MAY_IMPORT[room] | own)
    ]


def catch_all(path: str, tree: ast.AST) -> list[str]:
    """`except Exception`, `except:`, suppress(Exception), where they are not allowed.

    `except BaseException` may tidy up where it raises again: then it holds nothing back.
    """
    if path in MAY_CATCH_ALL:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        elif isinstance(node, ast.Call) and "suppress" in ast.unparse(node.func):
            caught = node.args
        else:
            continue
        names = {"everything" if one is None else ast.unparse(one).split(".")[-1] for one in caught}
        if names == {"BaseException"} and ast.unparse(node).endswith("\n    raise"):
            continue
        found += [f"line {node.lineno} catches {name}" for name in names & {"everything", *BROAD}]
    return found


BROAD = ("Exception", "BaseException")


def named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from node.module.split(".")


def threads(path: str, tree: ast.AST) -> list[str]:
    return [] if path in MAY_START_THREADS else sorted(THREADS & set(named(tree)))


def processes(path: str, tree: ast.AST) -> list[str]:
    return [] if path in MAY_START_PROCESSES else sorted(PROCESSES & set(named(tree)))


def sizes(path: str, tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        methods = sum(isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for one in node.body)
        if lines > LONGEST_CLASS or methods > MOST_METHODS:
            found.append(f"class {node.name}: {lines} lines, {methods} methods")
    return found


def vague_names(path: str, tree: ast.AST) -> list[str]:
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names.append(Path(path).stem.title())
    return [name for name in names if VAGUE_WORDS & set(re.findall(r"[A-Z][a-z]*", name))]


def empty_bodies(path: str, tree: ast.AST) -> list[str]:
    return [
        f"line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...)
    ]


def globals_changed(path: str, tree: ast.AST) -> list[str]:
    return [f"line {node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.Global)]


def evaded_tests(path: str, tree: ast.AST) -> list[str]:
    """Tests that may end without having tested."""
    marks = {"skip", "skipif", "xfail", "importorskip", "skipTest"}
    return sorted(
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in marks
    )


Rule = Callable[[str, ast.AST], list[str]]
RULES: list[tuple[Rule, tuple[str, ...]]] = [
    (wrong_imports, HOUSE),
    (catch_all, HOUSE),
    (threads, HOUSE),
    (processes, HOUSE),
    (globals_changed, HOUSE),
    (sizes, EVERYWHERE),
    (vague_names, EVERYWHERE),
    (empty_bodies, EVERYWHERE),
    (evaded_tests, ("tests",)),
]


@pytest.mark.parametrize(("rule", "folders"), RULES, ids=[rule.__name__ for rule, _ in RULES])
def test_house_keeps_the_rule(rule: Rule, folders: tuple[str, ...]) -> None:
    broken = {}
    for file in sources(*folders):
        path = file.relative_to(ROOT).as_posix()
        if complaints := rule(path, ast.parse(file.read_text("utf-8"))):
            broken[path] = complaints
    assert not broken


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (wrong_imports, "annotator/domain/joints.py", "import numpy"),
        (wrong_imports, "annotator/domain/joints.py", "from annotator.imaging import dicom"),
        (wrong_imports, "annotator/domain/joints.py", "from .. import imaging"),
        (wrong_imports, "annotator/domain/__init__.py", "from ..store import tables"),
        (wrong_imports, "annotator/domain/joints.py", "def late():\n    import pydicom"),
        (wrong_imports, "annotator/imaging/dicom.py", "from PySide6 import QtCore"),
        (wrong_imports, "annotator/imaging/dicom.py", "import sqlalchemy.orm"),
        (wrong_imports, "annotator/store/tables.py", "from annotator.workflow import reading"),
        (wrong_imports, "annotator/workflow/reading.py", "from PySide6.QtWidgets import QWidget"),
        (wrong_imports, "annotator/workflow/reading.py", "from PySide6 import QtGui"),
        (wrong_imports, "annotator/workflow/reading.py", "from annotator.ui import theme"),
        (wrong_imports, "annotator/workflow/reading.py", "import detector.phantom"),
        (wrong_imports, "annotator/workflow/sample.py", "from detector import runtime"),
        (wrong_imports, "annotator/workflow/proposing.py", "import detector"),
        (wrong_imports, "annotator/workflow/detection.py", "from PySide6.QtCore import QObject"),
        (wrong_imports, "annotator/ui/main_window.py", "from annotator.store import readings"),
        (wrong_imports, "annotator/ui/main_window.py", "from annotator.imaging import guard"),
        (wrong_imports, "annotator/ui/main_window.py", "import detector"),
        (wrong_imports, "annotator/settings.py", "from annotator.store import tables"),
        (wrong_imports, "detector/phantom/film.py", "from annotator.domain import geometry"),
        (wrong_imports, "detector/dataset.py", "import pydicom"),
        (wrong_imports, "detector/dataset.py", "from annotator import __version__"),
        (wrong_imports, "detector/explain.py", "from PySide6.QtGui import QImage"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept Exception:\n    b()"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept:\n    b()"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept (OSError, builtins.BaseException):\n    b()"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept BaseException:\n    b()"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept Exception:\n    b()\n    raise"),
        (catch_all, "annotator/cli.py", "with contextlib.suppress(Exception):\n    a()"),
        (threads, "annotator/ui/loupe.py", "import threading\nthreading.Thread(target=a).start()"),
        (threads, "annotator/store/audit.py", "from concurrent.futures import ThreadPoolExecutor"),
        (threads, "annotator/app.py", "from PySide6.QtCore import QThreadPool"),
        (processes, "annotator/workflow/jobs.py", "import subprocess"),
        (processes, "annotator/imaging/dicom.py", "from multiprocessing import Pool"),
        (processes, "annotator/app.py", "os.fork()"),
        (globals_changed, "annotator/app.py", "def f():\n    global window\n    window = 1"),
        (sizes, "annotator/app.py", "class A:\n" + "    def f(self): return 1\n" * 26),
        (sizes, "annotator/app.py", "class A:\n" + "    x = 1\n" * 300),
        (vague_names, "annotator/ui/theme.py", "class ThemeManager:\n    x = 1"),
        (vague_names, "annotator/ui/theme.py", "class BasePanel:\n    x = 1"),
        (vague_names, "annotator/ui/utils.py", "x = 1"),
        (empty_bodies, "annotator/app.py", "def f():\n    pass"),
        (empty_bodies, "annotator/app.py", "def f(): ..."),
        (evaded_tests, "tests/test_a.py", "@pytest.mark.skipif(True, reason='')\ndef test_a(): assert a"),
        (evaded_tests, "tests/test_a.py", "def test_a():\n    pytest.importorskip('torch')"),
    ],
)
def test_rule_reports_a_bad_example(rule: Rule, path: str, source: str) -> None:
    assert rule(path, ast.parse(source))


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (wrong_imports, "annotator/domain/joints.py", "import enum\nfrom annotator.domain import geometry"),
        (wrong_imports, "annotator/domain/joints.py", "from . import geometry\nfrom .geometry import Box"),
        (wrong_imports, "annotator/workflow/sample.py", "from detector.phantom import film"),
        (wrong_imports, "annotator/ui/loupe.py", "from PySide6 import QtCore\nimport pyqtgraph as pg"),
        (wrong_imports, "annotator/app.py", "from annotator.store import tables"),
        (wrong_imports, "annotator/imaging/write.py", "from annotator import __version__"),
        (wrong_imports, "annotator/settings.py", "import tomli_w\nfrom annotator.domain.errors import A"),
        (catch_all, "annotator/app.py", "try:\n    a()\nexcept Exception:\n    b()"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept BaseException:\n    b()\n    raise"),
        (catch_all, "annotator/cli.py", "try:\n    a()\nexcept (OSError, ValueError):\n    b()"),
        (threads, "annotator/workflow/jobs.py", "from concurrent.futures import ThreadPoolExecutor"),
        (processes, "annotator/imaging/guard.py", "import subprocess"),
        (vague_names, "annotator/store/database.py", "class Database:\n    x = 1"),
        (empty_bodies, "annotator/app.py", 'class A(Exception):\n    """Words."""'),
    ],
)
def test_rule_lets_a_good_example_pass(rule: Rule, path: str, source: str) -> None:
    assert rule(path, ast.parse(source)) == []


def test_files_are_short() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in sources(*EVERYWHERE)
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_house_is_looked_at() -> None:
    """The rules would keep silent over an empty list of files."""
    assert ROOT / "annotator" / "domain" / "joints.py" in sources(*HOUSE)
    assert Path(__file__) in sources(*EVERYWHERE)


def test_library_alembic_is_not_shadowed() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


SLOW = ("alembic", "pydicom", "torch")


def loaded_by(statement: str) -> set[str]:
    """Which slow packages a fresh Python holds after this statement."""
    report = f"import sys; {statement}; print(*(name for name in {SLOW} if name in sys.modules))"
    command = [sys.executable, "-c", report]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("module", ["annotator.app", "annotator.ui.main_window"])
def test_start_loads_nothing_slow(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_slow_imports_are_noticed() -> None:
    assert loaded_by("import alembic, pydicom") == {"alembic", "pydicom"}
