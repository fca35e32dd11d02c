"""What is running in the background: text, bar and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from annotator.workflow.jobs import Job, JobRunner

SHOWN_AFTER_MS = 300
"""What is done sooner, such as opening an image, does not flicker through the bar."""


class JobBar(QWidget):
    """Shows one job, and how many more there are; nothing while nothing runs."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._texts: dict[Job, tuple[int, int, str]] = {}
        self.text, self.more = QLabel(), QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(110)
        self.stop = QToolButton()
        self.stop.setText(self.tr("cancel"))
        self.stop.clicked.connect(self._cancel)
        for label in (self.text, self.more):
            label.setProperty("tone", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.text, self.bar, self.more, self.stop):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._wait = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._wait.timeout.connect(self._show)
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.ended.connect(self._ended)
        self.hide()
        for job in runner.jobs:  # what began under another window is shown, and cancelled, here
            self._started(job)

    def _started(self, job: Job) -> None:
        self._jobs.append(job)
        self._texts[job] = (0, 0, "")
        if self.isHidden() and not self._wait.isActive():
            self._wait.start()
        self._refresh()

    def _progressed(self, job: Job, done: int, total: int, text: str) -> None:
        if job in self._texts:
            self._texts[job] = (done, total, text)
            self._refresh()

    def _ended(self, job: Job) -> None:
        if job in self._texts:
            self._jobs.remove(job)
            del self._texts[job]
        if not self._jobs:
            self._wait.stop()
            self.hide()
        self._refresh()

    def _show(self) -> None:
        if self._jobs:
            self.show()

    def _refresh(self) -> None:
        if not self._jobs:
            return
        job = self._shown()
        done, total, text = self._texts[job]
        count = f" {done:,} / {total:,}" if total else ""
        self.text.setText(f"{_translated(text or job.title)}{count}")
        self.text.setToolTip(_translated(job.title))
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        others = len(self._jobs) - 1
        self.more.setText(f"+{others}" if others else "")
        self.more.setToolTip("\n".join(_translated(other.title) for other in self._jobs if other is not job))
        self.stop.setEnabled(not job.cancelled)

    def _shown(self) -> Job:
        """The first one that has something to report, else the first."""
        return next((job for job in self._jobs if self._texts[job][1]), self._jobs[0])

    def _cancel(self) -> None:
        if self._jobs:
            self._shown().cancel()
            self.stop.setEnabled(False)


def _translated(text: str) -> str:
    """The title of a job, or what it says it is at, in the language of the window."""
    return QCoreApplication.translate("Job", text)
