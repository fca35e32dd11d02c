"""Trains the demo model: from drawn radiographs and composed real films to a version, by one command.

    python -m tools.train_demo_model OUT [--composites COMPOSED] [--seed N] [--share X]

Writes the releases (tools/demo_data.py), trains in three stages, chooses thresholds on the validation
releases, measures on the held-out ones, and writes OUT/version. Without --composites, from phantoms alone.
Broken off, the same command goes on where it was. docs/demo-model.md tells how it went.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotator.domain.errors import KnuckleError
from detector.classes import FINDINGS
from detector.config import PRESETS, TrainingSettings
from detector.dataset import ReleaseError, read_release
from detector.errors import DetectorError
from detector.training.making import assemble, train_detector
from detector.training.parts import Part, divided
from detector.verbs.train import progress
from detector.version.values import Version
from tools.demo_data import write_releases

NAME = "demo-1"


@dataclass(frozen=True)
class Stage:
    """One training. start: the stage whose weights it begins with, none for random ones."""

    name: str
    finding: str
    releases: tuple[str, ...]
    steps: int
    start: str | None = None


BOTH = ("training_composites", "training_phantoms")
STAGES = (
    Stage("first", "ankylosis", ("training_phantoms",), 800),
    Stage("ankylosis", "ankylosis", BOTH, 2000, start="first"),
    Stage("subluxation", "subluxation", BOTH, 900, start="ankylosis"),
)
"""Joints are found the same way for both findings, so the second detector begins where the first one ends and
needs fewer steps."""

VALIDATION = ("validation_composites", "validation_phantoms")
HELD_OUT = {
    "60 held-out phantoms, 20 % findings": "heldout_phantoms",
    "60 held-out phantoms, 2 % findings": "heldout_phantoms_rare",
    "40 composites of 80 held-out films, no findings": "heldout_composites_clean",
    "the same, 20 % drawn findings": "heldout_composites",
    "the same, 2 % drawn findings": "heldout_composites_rare",
}

NOTES = """\
## On what it was measured

Every finding in these radiographs is a drawing: phantoms are drawn whole, and into composites, two real films
of one hand each laid side by side, findings are drawn. The films are of children and adolescents without
rheumatoid arthritis. **No accuracy on rheumatoid arthritis follows from these figures.**

Films and phantoms were divided into training, validation and held-out ones before anything was composed of
them. The films have no patient numbers, so two of them may show the same child."""

TERMS = """\
## Terms

The code is under the MIT licence. The weights are not: they were trained on films of the RSNA Pediatric Bone
Age Machine Learning Challenge 2017, which may be used for academic research, education and other
non-commercial purposes only, and this goes for these weights as well. Whoever passes them on links to the
challenge and cites: Halabi SS, Prevedello LM, Kalpathy-Cramer J, et al. The RSNA Pediatric Bone Age Machine
Learning Challenge. Radiology 2019; 290(2):498-503."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    try:
        made = make(given.out, given.composites, given.seed, given.share)
    except (DetectorError, ReleaseError, KnuckleError) as error:
        print(error, file=sys.stderr)
        return 1
    print(made.card)
    return 0


def make(out: Path, composites: Path | None, seed: int, share: float) -> Version:
    """The version, from data to card. Raises DetectorError, ReleaseError or KnuckleError."""
    data = out / "data"
    same_as_before(out, {"seed": seed, "share": share, "composites": composites is not None})
    write_releases(data, composites, seed, share)
    weights: dict[str, Path] = {}
    settings = {stage.name: settings_of(stage, number, seed, share) for number, stage in enumerate(STAGES, 1)}
    for stage in STAGES:
        with progress(stage.name, as_json=False) as on_step:
            weights[stage.name] = train_detector(
                settings[stage.name],
                stage.finding,
                there(data, stage.releases),
                out / stage.name,
                start=weights[stage.start] if stage.start else None,
                on_step=on_step,
            )
    return assemble(
        out / "version",
        NAME,
        settings["ankylosis"].architecture,
        {name: weights[name] for name in FINDINGS},
        trained_on=there(data, BOTH),
        validation=there(data, VALIDATION),
        tests={words: there(data, (name,)) for words, name in HELD_OUT.items() if (data / name).exists()},
        training={
            "stages": [
                {**dataclasses.asdict(stage), "settings": dataclasses.asdict(settings[stage.name])}
                for stage in STAGES
            ],
        },
        notes=(NOTES,) if composites is None else (NOTES, TERMS),
        say=print,
    )


def same_as_before(out: Path, asked: dict[str, object]) -> None:
    """Releases and checkpoints that are there are taken as they are: refuses those of another call."""
    record = out / "asked.json"
    if record.exists() and json.loads(record.read_text("utf-8")) != asked:
        raise DetectorError(f"{out} was made with other options.", "Choose another folder.")
    out.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(asked), "utf-8")


def parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(prog="python -m tools.train_demo_model", description=__doc__)
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument("out", type=Path, metavar="OUT", help="folder for data, checkpoints and version")
    command.add_argument(
        "--composites",
        type=Path,
        metavar="COMPOSED",
        help="what two_hand_films.py composed; else phantoms only",
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="other films, phantoms, weights")
    command.add_argument(
        "--share", type=float, default=1.0, metavar="X", help="of phantoms and steps, for a quick try"
    )
    return command


def settings_of(stage: Stage, number: int, seed: int, share: float) -> TrainingSettings:
    steps = max(1, round(share * stage.steps))
    small = PRESETS["small"]
    return dataclasses.replace(small, epochs=1000, steps=steps, seed=number + 100 * seed, checkpoint_every=50)


def there(data: Path, names: Sequence[str]) -> list[Part]:
    """Those of the releases that were made: without composites only the phantoms'."""
    return [divided(read_release(data / name), None)[0] for name in names if (data / name).exists()]


if __name__ == "__main__":
    sys.exit(main())
