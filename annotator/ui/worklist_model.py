"""The worklist as a Qt model: it holds no rows itself and asks for the ones that are looked at."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QImage, QPixmap

from annotator.domain.annotations import ReadingState
from annotator.domain.images import WorklistRow
from annotator.ui.queue_words import reason_line, reason_text
from annotator.ui.theme import STATE_SIGNS
from annotator.workflow.worklist import Worklist

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1
ID_ROLE = Qt.ItemDataRole.UserRole + 2
WHY_ROLE = Qt.ItemDataRole.UserRole + 3
KEPT_PIXMAPS = 300
THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 48, 40


class WorklistModel(QAbstractListModel):
    """A line for each image. ROW_ROLE gives its WorklistRow, THUMBNAIL_ROLE a QPixmap or None, WHY_ROLE why
    it stands where it stands, "" where a queue says nothing of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worklist: Worklist | None = None
        self._pixmaps: OrderedDict[int, QPixmap] = OrderedDict()

    def set_worklist(self, worklist: Worklist | None) -> None:
        if self._worklist is not None:
            self._worklist.changed.disconnect(self._reset)
            self._worklist.row_changed.disconnect(self._row_changed)
        self._worklist = worklist
        if worklist is not None:
            worklist.changed.connect(self._reset)
            worklist.row_changed.connect(self._row_changed)
        self._pixmaps.clear()
        self._reset()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return len(self._worklist.ids) if self._worklist is not None and not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._worklist is None or not index.isValid():
            return None
        image_id = self._worklist.ids[index.row()]
        if role == ID_ROLE:
            return image_id
        if role == ROW_ROLE:
            return self._worklist.row(image_id)
        if role == THUMBNAIL_ROLE:
            return self._pixmap(image_id)
        if role == WHY_ROLE:
            return reason_line(self._worklist.queued(image_id))
        if role == Qt.ItemDataRole.ToolTipRole:
            return reason_text(self._worklist.queued(image_id)) or None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self._worklist.row(image_id)
            text = f"{row.patient_code} {visit_text(row)} {state_text(row)} {row.done}/{row.expected}"
            return f"{text} {reason_line(self._worklist.queued(image_id))}".rstrip()
        return None

    def index_of(self, image_id: int | None) -> QModelIndex:
        """The line of an image; invalid where the filter leaves it out."""
        place = (
            self._worklist.place(image_id) if self._worklist is not None and image_id is not None else None
        )
        return QModelIndex() if place is None else self.index(place, 0)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _row_changed(self, image_id: int) -> None:
        index = self.index_of(image_id)
        if index.isValid():
            self._pixmaps.pop(image_id, None)
            self.dataChanged.emit(index, index)

    def _pixmap(self, image_id: int) -> QPixmap | None:
        if image_id not in self._pixmaps:
            grey = self._worklist.thumbnail(image_id) if self._worklist is not None else None
            if grey is None:
                return None
            self._pixmaps[image_id] = _small(grey)
            if len(self._pixmaps) > KEPT_PIXMAPS:
                self._pixmaps.popitem(last=False)
        return self._pixmaps[image_id]


def visit_text(row: WorklistRow) -> str:
    """ "visit 1 · 2015-03"."""
    text = QCoreApplication.translate("Worklist", "visit {n}").format(n=row.visit)
    return f"{text} · {row.study_date:%Y-%m}" if row.study_date is not None else text


def state_word(state: ReadingState) -> str:
    return QCoreApplication.translate("Worklist", state.value)


def state_text(row: WorklistRow) -> str:
    """The state with its sign: "◐ in progress"; an excluded image says so."""
    if row.excluded:
        return "– " + QCoreApplication.translate("Worklist", "excluded")
    return f"{STATE_SIGNS[row.state]} {state_word(row.state)}"


def _small(grey: NDArray[np.uint8]) -> QPixmap:
    """grey: uint8 [h, w]; fitted into twice the size it is shown at, for screens with small pixels."""
    grey = np.ascontiguousarray(grey)
    height, width = grey.shape
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(
        image.scaled(
            2 * THUMBNAIL_WIDTH,
            2 * THUMBNAIL_HEIGHT,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
