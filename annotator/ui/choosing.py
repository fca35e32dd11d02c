"""Choosing files and folders, without leaving their names on this computer.

Qt's file dialog writes the folders it was in to a file of its own in the user's home. Folders of
radiographs are often named after patients.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget


def keep_qt_settings_in(folder: Path) -> None:
    """Qt's own settings go to this folder from now on, wherever the system keeps settings in files."""
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(folder))


def choose_files(parent: QWidget, title: str, start: str) -> list[Path]:
    """None of them where the dialog is left. start: the folder it begins in."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, start)
    _forget_folders()
    return [Path(name) for name in names]


def choose_file(parent: QWidget, title: str, start: str) -> Path | None:
    """None where the dialog is left. start: the folder it begins in."""
    name, _ = QFileDialog.getOpenFileName(parent, title, start)
    _forget_folders()
    return Path(name) if name else None


def choose_folder(parent: QWidget, title: str, start: str) -> Path | None:
    """None where the dialog is left. start: the folder it begins in."""
    name = QFileDialog.getExistingDirectory(parent, title, start)
    _forget_folders()
    return Path(name) if name else None


def choose_new_file(parent: QWidget, title: str, start: str, kind: str) -> Path | None:
    """Where to write; the dialog has asked before it names a file that is there. None where it is left.

    start: the folder it begins in, or a file in it. kind: such as "CSV (*.csv)".
    """
    name, _ = QFileDialog.getSaveFileName(parent, title, start, kind)
    _forget_folders()
    return Path(name) if name else None


def _forget_folders() -> None:
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    kept.remove("FileDialog")
    kept.sync()
