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
    metrics: Mapping[str, Record],
) -> str:
    """What people should know of a version, Markdown. data: "training" and "validation" -> what there was;
    metrics: scan -> figures, as `making.figures` has them; both may be empty."""
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
    if metrics:
        lines += [
            "",
            "## On validation images",
            "",
            *(f"- {sentence(one)}" for one in data["validation"]),
        ]
        lines += ["", *table(metrics)]
    lines += ["", "## What it cannot do", "", *(f"- {one}" for one in LIMITS), ""]
    return "\n".join(lines)


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
    """Figures of each scan side by side, with their intervals."""
    scans = list(metrics)
    names = [name for name in metrics[scans[0]] if name not in ("images", "seconds")]
    return [
        "| | " + " | ".join(scans) + " |",
        "| --- |" + " --- |" * len(scans),
        *(
            f"| {name} | " + " | ".join(written(metrics[scan][name]) for scan in scans) + " |"
            for name in names
        ),
    ]


def written(figure: Sequence[float | None]) -> str:
    value, low, high = figure
    if value is None:
        return "undefined"
    return f"{value:.4f}" + ("" if low is None or high is None else f" ({low:.4f} to {high:.4f})")
