"""How queues are spoken of: their orders, what is empty, and why an image stands where it stands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from annotator.domain.queue import QueueBy, QueueItem

_CONTEXT = "Queue"


def order_word(by: QueueBy) -> str:
    """As an order of the worklist."""
    words = {
        QueueBy.LEAST_CERTAIN: QCoreApplication.translate(_CONTEXT, "least certain first"),
        QueueBy.VERSIONS: QCoreApplication.translate(_CONTEXT, "versions differ most first"),
        QueueBy.DETECTORS: QCoreApplication.translate(_CONTEXT, "detectors differ most first"),
        QueueBy.READER: QCoreApplication.translate(_CONTEXT, "model and reader differ most first"),
    }
    return words[by]


def nothing_queued(by: QueueBy) -> str:
    words = {
        QueueBy.LEAST_CERTAIN: QCoreApplication.translate(
            _CONTEXT, "There are no proposals of an image that waits for you."
        ),
        QueueBy.VERSIONS: QCoreApplication.translate(
            _CONTEXT, "No image that waits for you differs between two versions."
        ),
        QueueBy.DETECTORS: QCoreApplication.translate(
            _CONTEXT, "Both detectors have seen the same on every image that waits for you."
        ),
        QueueBy.READER: QCoreApplication.translate(_CONTEXT, "No finished reading differs from the model."),
    }
    return words[by]


def all_kept_back() -> str:
    return QCoreApplication.translate(
        _CONTEXT, "The study does not show you yet what is proposed: the order is by patient."
    )


def being_made() -> str:
    return QCoreApplication.translate(_CONTEXT, "The list is being put together.")


def reason_line(item: QueueItem | None) -> str:
    """ "2.41 · 3 joints missing.", or "" where an image has no place."""
    if item is None or item.score is None:
        return ""
    return f"{item.score:.2f} · {_told(item)}"


def reason_text(item: QueueItem | None) -> str:
    """The same in full, with what is kept back."""
    if item is None or item.score is None:
        return item.why if item is not None else ""
    text = QCoreApplication.translate(_CONTEXT, "Score {score}. {why}")
    return text.format(score=f"{item.score:.2f}", why=_told(item))


def _told(item: QueueItem) -> str:
    return f"{item.place.reader}: {item.why}" if item.place.reader else item.why
