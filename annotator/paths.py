"""Where things lie: the data folder of the machine, and what is delivered with the program."""

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from annotator.domain.errors import KnuckleError

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class DataPaths:
    """What lies where under one data folder (`--data`); the preferences and the window's state too."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "knuckle.sqlite"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def window_state(self) -> Path:
        return self.root / "window.ini"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def sample(self) -> Path:
        return self.root / "sample"

    @property
    def thumbnails(self) -> Path:
        return self.root / "thumbnails"

    @property
    def trainings(self) -> Path:
        return self.root / "training"

    @property
    def lock(self) -> Path:
        return self.root / "knuckle.lock"

    @property
    def crash(self) -> Path:
        return self.root / "crash.txt"

    def prepare(self) -> None:
        """Make the data folder, open to its owner alone. Raises KnuckleError where that cannot be done."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise KnuckleError(
                f"The data folder {self.root} cannot be made or written to.",
                "Choose a folder on a local disk that you may write to, with --data FOLDER.",
                folder=str(self.root),
            ) from error


def default_data_folder() -> Path:
    """The data folder which the operating system gives to this user and program; it may not exist yet."""
    return user_data_path("knuckle", appauthor=False, roaming=False)


def resources() -> Path:
    """Folder of fonts, icons, translations and label texts. Raises KnuckleError where it is missing."""
    return _delivered("resources", "fonts")


def migrations() -> Path:
    """Folder of Alembic's env.py and versions. Raises KnuckleError where it is missing."""
    return _delivered("alembic", "env.py")


def _delivered(name: str, landmark: str) -> Path:
    """A folder at the top of the checkout, or its copy inside the installed package."""
    for folder in (PACKAGE / f"_{name}", PACKAGE.parent / name):
        if (folder / landmark).exists():
            return folder
    raise KnuckleError(
        f"Knuckle's own {name} folder is missing, so the installation is incomplete.",
        "Install Knuckle again.",
        folder=name,
    )
