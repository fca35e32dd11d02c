"""The card of a version: what people should know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detector.config import Architecture

Record = Mapping[str, Any]


def card(
    name: str,
    architecture: Architecture,
    data: Mapping[str, Sequence[Record]],
    default: str,
    metrics: Mapping[str, Mapping[str, Record]],
    notes: Sequence[str] = (),
) -> str:
    """What people should know of a version, Markdown. data: "training" and "validation" -> what there was;
    metrics: what was measured on -> scan -> figures, as `making.figures` has them. notes: paragraphs for the
    end."""
    norm = "with" if architecture.batch_norm else "without"
    lines = [
        f"# {name}",
        "",
        "Finds the 20 PIP, IP and MP joints of two hands in a radiograph, and says of each whether it shows",
        "ankylosis, and subluxation or dislocation. For research use only, not for diagnosis: a person",
        "decides about every proposal.",
        "",
        f"Width {architecture.width:g} of the network of Izumi et al. 2024, {norm} batch normalisation.",
        f"Scan: {default}.",
        "",
        "## Trained on",
        "",
        *(f"- {sentence(record)}" for record in data["training"]),
    ]
    if data["validation"]:
        lines += ["", "Thresholds and scan chosen on:", ""]
        lines += [f"- {sentence(record)}" for record in data["validation"]]
    for measured, scans in metrics.items():
        lines += ["", f"## Measured: {measured}", "", *table(scans)]
    lines += ["", "## What it cannot do", "", *(f"- {one}" for one in LIMITS)]
    for note in notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


LIMITS = (
    "It says nothing of erosion, joint-space narrowing, or carpal joints.",
    "It was measured on images like those it was trained on; on others it may do worse without a sign.",
    "Its confidence is no probability of disease.",
)


def sentence(record: Record) -> str:
    return (
        f"{record['release']}: {record['images']} images of {record['patients']} patients, "
        f"{record['joints']} joints, {record['ankylosed']} ankylosed, {record['displaced']} displaced"
    )


def table(metrics: Mapping[str, Record]) -> list[str]:
    """Figures of each scan side by side, with their 95 % intervals by bootstrap over patients."""
    scans = list(metrics)
    first = metrics[scans[0]]
    return [
        f"{first['images']} images, {first['joints']} joints; 95 % intervals by bootstrap over patients.",
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
