"""version.json: values -> text and back, with distrust."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from detector.classes import CLASSES, FINDINGS
from detector.config import Architecture
from detector.errors import DetectorError
from detector.files import strict_json
from detector.release.fields import is_number, is_whole
from detector.version.values import (
    FORMAT,
    FORMAT_VERSION,
    RECORD,
    RUNTIMES,
    SCANS,
    ScanSettings,
    Version,
    explaining_file,
    needed_files,
)

LARGEST = 10_000_000  # bytes of a JSON file
MOST_BOXES = 1000
MOST_SHIFTS = 64
HASH = re.compile("[0-9a-f]{64}")
FREE = ("data", "folds", "training", "metrics", "software")
ADVICE = "Take the version from where it was made once more."
Check = Callable[[Any], bool]


def record_text(version: Version) -> str:
    """version.json of a version; the same values, the same text."""
    fields = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "name": version.name,
        "created": version.created,
        "architecture": {
            "width": version.architecture.width,
            "batch_norm": version.architecture.batch_norm,
        },
        "classes": list(CLASSES),
        "findings": list(version.findings),
        "scans": {scan: settings_record(settings) for scan, settings in version.scans.items()},
        "default_scan": version.default_scan,
        "default_runtime": dict(zip(("name", "precision"), version.default_runtime, strict=True)),
        **{name: getattr(version, name) for name in FREE},
        "files": dict(sorted(version.files.items())),
    }
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def settings_record(settings: ScanSettings) -> dict[str, object]:
    return {
        "t_conf": settings.t_conf,
        "t_iou1": settings.t_iou1,
        "t_iou2": settings.t_iou2,
        "top": dict(settings.top),
        "shifts": [list(shift) for shift in settings.shifts],
    }


def parse(data: bytes, folder: Path) -> Version:
    """The values of version.json in this folder. Raises DetectorError for what is none, or of another format
    version, or has a field too many, too few or of a wrong kind."""
    record = read_object(data, RECORD)
    if record.pop("format", None) != FORMAT:
        raise DetectorError(f"{folder.name} is no version of a detector.", "Choose the folder of a version.")
    if (number := record.pop("version", None)) != FORMAT_VERSION or type(number) is not int:
        raise DetectorError(
            f"{folder.name} has the format version {str(number)[:20]}; {FORMAT_VERSION} can be read.",
            "Use the Knuckle that it was made for, or take a version made for this one.",
        )
    check_fields(record, FIELDS, RECORD)
    check_fields(record["architecture"], ARCHITECTURE, "architecture")
    for scan, settings in record["scans"].items():
        check_fields(settings, SETTINGS, scan)
    if record["classes"] != list(CLASSES):
        told = ", ".join(map(str, record["classes"]))[:80]
        raise DetectorError(f"{folder.name} tells {told} apart, not {', '.join(CLASSES)}.", ADVICE)
    findings = tuple(record["findings"])
    refuse_other_files(set(record["files"]), findings)
    runtime = record["default_runtime"]
    return Version(
        folder=folder,
        name=record["name"],
        created=record["created"],
        architecture=Architecture(**record["architecture"]),
        findings=findings,
        scans={scan: settings_of(found) for scan, found in record["scans"].items()},
        default_scan=record["default_scan"],
        default_runtime=(runtime["name"], runtime["precision"]),
        files=record["files"],
        sha256=hashlib.sha256(data).hexdigest(),
        **{name: record[name] for name in FREE},
    )


def settings_of(record: Mapping[str, Any]) -> ScanSettings:
    shifts = tuple((x, y) for x, y in record["shifts"])
    return ScanSettings(**{**record, "shifts": shifts})


def refuse_other_files(found: set[str], findings: tuple[str, ...]) -> None:
    """Only names that a version has are ever opened, so none leads out of its folder."""
    needed = set(needed_files(findings))
    for name in sorted(needed - found):
        raise DetectorError(f"version.json does not name {name}.", ADVICE)
    for name in sorted(found - needed - {explaining_file(finding) for finding in findings}):
        raise DetectorError(f"version.json names {name[:80]!r}, which is no file of a version.", ADVICE)


def read_object(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object of a file. Raises DetectorError for anything else, NaN and repeated fields included."""
    try:
        if len(data) > LARGEST:
            raise ValueError("too large")
        found = strict_json(data)
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{name} cannot be read ({str(error)[:80]}).", ADVICE) from error
    return found


def check_fields(record: Any, fields: Mapping[str, Check], place: str) -> None:
    """Raises DetectorError unless it is an object with exactly these fields, each of the right kind."""
    if not isinstance(record, dict) or record.keys() != fields.keys():
        odd = sorted(fields.keys() ^ record.keys())[:1] if isinstance(record, dict) else ["no object"]
        raise DetectorError(f"version.json is not as it should be: {place}, {odd[0][:80]}.", ADVICE)
    for name, check in fields.items():
        if not check(record[name]):
            raise DetectorError(f"version.json is not as it should be: {place}, {name}.", ADVICE)


def is_share(value: Any) -> bool:
    return is_number(value) and 0 <= value <= 1


def is_top(value: Any) -> bool:
    fits = is_whole(0, MOST_BOXES)
    return isinstance(value, dict) and value.keys() == set(FINDINGS) and all(map(fits, value.values()))


def is_shifts(value: Any) -> bool:
    fits = is_whole(0, 63)
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST_SHIFTS
        and all(isinstance(one, list) and len(one) == 2 and all(map(fits, one)) for one in value)
    )


def is_findings(value: Any) -> bool:
    return isinstance(value, list) and value != [] and value == [one for one in FINDINGS if one in value]


def is_runtime(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"name", "precision"}:
        return False
    name, precision = value["name"], value["precision"]
    return isinstance(name, str) and precision in RUNTIMES.get(name, ())


def is_files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(digest, str) and HASH.fullmatch(digest) for digest in value.values()
    )


def is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


FIELDS: Mapping[str, Check] = {
    "name": is_text,
    "created": is_text,
    "architecture": is_object,
    "classes": lambda value: isinstance(value, list),
    "findings": is_findings,
    "scans": lambda value: isinstance(value, dict) and value.keys() == set(SCANS),
    "default_scan": lambda value: value in SCANS,
    "default_runtime": is_runtime,
    **dict.fromkeys(FREE, is_object),
    "files": is_files,
}
ARCHITECTURE: Mapping[str, Check] = {
    "width": lambda value: is_number(value) and 0 < value <= 4,
    "batch_norm": lambda value: isinstance(value, bool),
}
SETTINGS: Mapping[str, Check] = {
    "t_conf": is_share,
    "t_iou1": is_share,
    "t_iou2": is_share,
    "top": is_top,
    "shifts": is_shifts,
}
