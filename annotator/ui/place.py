"""Where a reader was: image, joint, zoom and window, kept from one start to the next."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

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
            view, look = values["view"], values["look"]
            return cls(
                study.id,
                values["image"],
                joint_named(values["joint"]) if values["joint"] else None,
                ViewState(**{**view, "centre": (float(view["centre"][0]), float(view["centre"][1]))}),
                Look(**{**look, "window": Window(**look["window"]) if look["window"] else None}),
            )
        except (ValueError, TypeError, KeyError, IndexError):
            return None


def _key(person: Person, study_id: int) -> str:
    return f"place/{person.id}/{study_id}"
