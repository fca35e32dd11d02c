"""The card of a version: what people should know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detector.report.words import count
from detector.version.values import Version

Record = Mapping[str, Any]


def card(version: Version, metrics: Mapping[str, Mapping[str, Record]], notes: Sequence[str] = ()) -> str:
    """What people should know of a version, Markdown. metrics: what was measured on -> scan -> figures, as
    `reached.figures` has them. notes: paragraphs for the end."""
    norm = "with" if version.architecture.batch_norm else "without"
    lines = [
        f"# {version.name}",
        "",
        "Finds the 20 PIP, IP and MP joints of two hands in a radiograph, and says of each whether it shows",
        "ankylosis, and subluxation or dislocation. For research use only, not for diagnosis: a person",
        "decides about every proposal.",
        "",
        f"Width {version.architecture.width:g} of the paper's network (Izumi 2024), {norm} batch norm.",
        f"Scan: {version.default_scan}; least confidence: {thresholds(version)}.",
        "",
        "## Trained on",
        "",
        *(f"- {sentence(record)}" for record in version.data["training"]),
    ]
    if version.data["validation"]:
        lines += [
            "",
            "Threshold of the scan in one pass chosen on every other patient, default scan on the rest, of:",
            "",
        ]
        lines += [f"- {sentence(record)}" for record in version.data["validation"]]
    for measured, scans in metrics.items():
        lines += ["", f"## Measured: {measured}", "", *table(scans), "", verdict(scans[version.default_scan])]
    lines += ["", "## What it cannot do", "", *(f"- {one}" for one in LIMITS)]
    for note in notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


LIMITS = (
    "It says nothing of erosion, joint-space narrowing, or carpal joints.",
    "It was measured on images like those it was trained on; on others it may do worse without a sign.",
    "Its confidence is no probability of disease.",
)


def thresholds(version: Version) -> str:
    return ", ".join(f"{settings.t_conf:g} ({scan})" for scan, settings in version.scans.items())


def verdict(figures: Record) -> str:
    """Whether the ensemble is worth its two detectors, by the default scan."""
    differences = {name: one[0] for name, one in figures.items() if name.startswith("ensemble less")}
    worse = [name for name, value in differences.items() if value is not None and value < 0]
    if not worse:
        return "The ensemble is at least as good as either detector alone, in detection rate and F."
    return f"The ensemble is not as good as a detector alone in: {'; '.join(worse)}."


def sentence(record: Record) -> str:
    images, patients = count(record["images"], "image"), count(record["patients"], "patient")
    ignored = f", {count(record['ignored'], 'place')} ignored" if "ignored" in record else ""
    return (
        f"{record['release']}: {images} of {patients}, {count(record['joints'], 'joint')}, "
        f"{record['ankylosed']} ankylosed, {record['displaced']} displaced{ignored}"
    )


def table(metrics: Mapping[str, Record]) -> list[str]:
    """Figures of each scan side by side, with their 95 % intervals by bootstrap over patients."""
    scans = list(metrics)
    first = metrics[scans[0]]
    images = count(first["images"], "image")
    return [
        f"{images}, {count(first['joints'], 'joint')}; 95 % intervals by bootstrap over patients.",
        "",
        "| | " + " | ".join(scans) + " |",
        "| --- |" + " --- |" * len(scans),
        *(
            f"| {name} | " + " | ".join(written(metrics[scan][name]) for scan in scans) + " |"
            for name in first
            if name not in ("images", "joints")
        ),
    ]


def written(figure: int | Sequence[float | None]) -> str:
    if isinstance(figure, int):
        return str(figure)
    value, low, high = figure
    if value is None:
        return "undefined"
    return f"{value:.4f}" + ("" if low is None or high is None else f" ({low:.4f} to {high:.4f})")
