"""What the training dialog says: stages, standings, times, figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from annotator.domain.compared_images import FALSE_BOX, MISSED, ComparedImage, Mistake
from annotator.domain.training import Progress, Stage, Standing, TrainingState
from annotator.domain.version_comparison import Comparison, Estimate, Figure

DASH = "–"
MINUS = "−"
MOST_MISTAKES = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("Training", text)


def detector_word(finding: str) -> str:
    return {"ankylosis": _tr("Ankylosis"), "subluxation": _tr("Subluxation and dislocation")}.get(
        finding, finding
    )


def stage_words(stage: Stage) -> str:
    return {
        Stage.STARTING: _tr("The process starts and reads the release."),
        Stage.ANKYLOSIS: _tr("1 of 4: the detector of ankylosis is trained."),
        Stage.SUBLUXATION: _tr("2 of 4: the detector of subluxation and dislocation is trained."),
        Stage.THRESHOLDS: _tr(
            "3 of 4: thresholds are chosen on images it was not trained on, the version is written."
        ),
        Stage.VERIFYING: _tr("3 of 4: the version is verified."),
        Stage.COMPARING: _tr("4 of 4: the versions are measured on the same held-out images."),
        Stage.DONE: _tr("Trained, measured and compared."),
    }[stage]


def standing_words(state: TrainingState) -> str:
    """What is to be said beside the stage; "" where it simply runs."""
    return {
        Standing.PAUSED: _tr("Paused. It keeps its memory, and goes on from here."),
        Standing.CANCELLED: _tr("Cancelled. It can go on from its last checkpoint."),
        Standing.KILLED: _tr(
            "Its process was ended from outside, or found no memory or room on the disk. "
            "It can go on from its last checkpoint."
        ),
        Standing.FAILED: _tr("It stopped: {reason}").format(reason=state.message),
    }.get(state.standing, "")


def time_left(seconds: float | None) -> str:
    """ "" where nobody knows."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _tr("less than a minute left")
    if minutes < 100:
        return _tr("about {minutes} min left").format(minutes=minutes)
    return _tr("about {hours} h left").format(hours=round(seconds / 3600))


def progress_words(progress: Progress) -> str:
    """Step, epoch, losses and learning rate, as far as they are known."""
    if not progress.step or progress.loss is None:
        return ""
    words = [
        _tr("step {step:,} of {steps:,}").format(step=progress.step, steps=progress.steps),
        _tr("epoch {epoch:.1f}").format(epoch=progress.epoch),
        _tr("loss {loss:.3f}").format(loss=progress.loss),
    ]
    if progress.validation is not None:
        words.append(_tr("on held-out images {loss:.3f}").format(loss=progress.validation))
    words.append(_tr("learning rate {rate:.2g}").format(rate=progress.learning_rate))
    return ", ".join(words)


def measured_words(progress: Progress) -> str:
    """How far the measuring is; "" before the first image."""
    done, of, name = progress.measured
    return _tr("{name}: image {done} of {of}").format(name=name, done=done, of=of) if of else ""


def figure_word(name: str) -> str:
    words = {
        "joints found": _tr("joints found"),
        "false boxes an image": _tr("false boxes an image (fewer are better)"),
        "mean IoU": _tr("mean IoU of the boxes"),
        "ankylosis: F": _tr("ankylosis: F"),
        "ankylosis: sensitivity": _tr("ankylosis: sensitivity"),
        "ankylosis: specificity": _tr("ankylosis: specificity"),
        "subluxation: F": _tr("subluxation: F"),
        "subluxation: sensitivity": _tr("subluxation: sensitivity"),
        "subluxation: specificity": _tr("subluxation: specificity"),
    }
    return words.get(name, name)


def estimate_words(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return DASH
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f}{DASH}{estimate.high:.3f})"


def difference_words(figure: Figure) -> str:
    """Sign and word, so that nobody has to know whether more is better."""
    difference = figure.difference
    if difference.value is None:
        return DASH
    if figure.better is None or round(difference.value, 3) == 0:
        return _tr("equal")
    said = f"{_signed(difference.value)} {_tr('better') if figure.better else _tr('worse')}"
    if difference.low is not None and difference.high is not None:
        said += _tr(" ({low} to {high})").format(low=_signed(difference.low), high=_signed(difference.high))
    return said if figure.apart else _tr("{difference}, unsure").format(difference=said)


def _signed(number: float) -> str:
    return f"{number:+.3f}".replace("-", MINUS)


def comparison_headings(comparison: Comparison) -> list[str]:
    if not comparison.active_name:
        return [_tr("Figure"), _tr("{name} (new)").format(name=comparison.new_name)]
    return [
        _tr("Figure"),
        _tr("{name} (new)").format(name=comparison.new_name),
        _tr("{name} (active)").format(name=comparison.active_name),
        _tr("Difference"),
    ]


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    rows = []
    for figure in comparison.figures:
        row = [figure_word(figure.name), estimate_words(figure.new)]
        if comparison.active_name:
            row += [estimate_words(figure.active), difference_words(figure)]
        rows.append(row)
    return rows


def image_words(image: ComparedImage) -> str:
    return _tr("{file} – mistakes only of the new: {new}, only of the active: {active}").format(
        file=image.file, new=len(image.only_new), active=len(image.only_active)
    )


def image_tip(image: ComparedImage) -> str:
    """The mistakes, as many as can be taken in."""
    lists = (
        (_tr("Only the new version:"), image.only_new),
        (_tr("Only the active version:"), image.only_active),
    )
    lines = [f"{heading} {mistakes_words(mistakes)}" for heading, mistakes in lists if mistakes]
    if image.together:
        lines.append(_tr("Both: {count}").format(count=image.together))
    return "\n".join(lines)


def mistakes_words(mistakes: Sequence[Mistake]) -> str:
    """Of equal ones one, with their number."""
    times = Counter(mistake_words(joint, kind) for joint, kind in mistakes)
    counted = [f"{count} × {name}" if count > 1 else name for name, count in times.items()]
    more = len(counted) - MOST_MISTAKES
    words = ", ".join(counted[:MOST_MISTAKES])
    return _tr("{words} and {more} more").format(words=words, more=more) if more > 0 else words


def mistake_words(joint: str, kind: str) -> str:
    said = {
        MISSED: _tr("not found"),
        FALSE_BOX: _tr("box where there is no joint"),
        "ankylosis false negative": _tr("ankylosis overlooked"),
        "ankylosis false positive": _tr("ankylosis that is not there"),
        "subluxation false negative": _tr("subluxation or dislocation overlooked"),
        "subluxation false positive": _tr("subluxation or dislocation that is not there"),
    }.get(kind, kind)
    return f"{joint} {said}".strip()
