"""Where a reader was: image, joint, zoom and window, kept from one start to the next."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from PySide6.QtCore import QSettings

from annotator.domain.images import Study
from annotator.domain.joints import Joint, joint_named
from annotator.domain.people import Person
from annotator.imaging.display import Look, Window
from annotator.ui.projection import ViewState


@dataclass(frozen=True)
class Place:
    """What is restored. It is a convenience: one that cannot be read is as good as none."""

    study_id: int
    image_id: int | None
    joint: Joint | None
    view: ViewState
    look: Look

    def save(self, memory: QSettings, person: Person) -> None:
        values = {
            "image": self.image_id,
            "joint": self.joint.name if self.joint else None,
            "view": asdict(self.view),
            "look": asdict(self.look),
        }
        memory.setValue(_key(person, self.study_id), json.dumps(values))

    @classmethod
    def load(cls, memory: QSettings, person: Person, study: Study) -> Place | None:
        text = memory.value(_key(person, study.id))
        if not isinstance(text, str):
            return None
        try:
            values = json.loads(text)
            joint = values["joint"]
            return cls(
                study.id,
                _number(values["image"]),
                joint_named(str(joint)) if joint is not None else None,
                _view_state(values["view"]),
                _look(values["look"]),
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            return None


def _view_state(values: dict[str, Any]) -> ViewState:
    across, down = values["centre"]
    return ViewState(**{**values, "centre": (float(across), float(down))})


def _look(values: dict[str, Any]) -> Look:
    window = Window(**values["window"]) if values["window"] is not None else None
    return Look(window, _number(values["voi_lut"]), bool(values["inverted"]))


def _number(value: object) -> int | None:
    """Raises TypeError for what is neither a whole number nor None."""
    if value is not None and not isinstance(value, int):
        raise TypeError(f"no whole number: {value!r}")
    return value


def _key(person: Person, study_id: int) -> str:
    return f"place/{person.id}/{study_id}"
