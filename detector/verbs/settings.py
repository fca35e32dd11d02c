"""How detectors are trained, as options of a command line."""

import argparse
import dataclasses

from detector.config import PRESETS, Architecture, TrainingSettings
from detector.errors import DetectorError


def add_settings(verb: argparse.ArgumentParser, preset: str) -> None:
    """preset: the one that is taken where none is given."""
    verb.add_argument("--preset", choices=tuple(PRESETS), default=preset, help=f"settings (default {preset})")
    verb.add_argument("--epochs", type=int, metavar="N", help="every joint is shown so many times")
    verb.add_argument("--steps", type=int, metavar="N", help="end after so many")
    verb.add_argument("--batch", type=int, metavar="N", help="crops a step; lower it where memory is short")
    verb.add_argument("--width", type=float, metavar="X", help="share of the paper's channels")
    verb.add_argument("--batch-norm", action=argparse.BooleanOptionalAction, help="batch normalisation")
    verb.add_argument("--learning-rate", type=float, metavar="X", help="of Adam; the largest one of a cosine")
    verb.add_argument(
        "--precision", choices=("auto", "f32", "bf16"), help="of training (auto: bf16 where it is faster)"
    )
    verb.add_argument("--seed", type=int, metavar="N", help="of first weights, order and crops")
    verb.add_argument("--checkpoint-every", type=int, metavar="N", help="steps that a kill may cost")
    verb.add_argument("--threads", type=int, metavar="N", help="how many cores (default: all)")
    verb.add_argument(
        "--chain", action="store_true", help="the second detector begins with the weights of the first"
    )
    verb.add_argument("--json", action="store_true", help="print one JSON object a step and line")


def settings_of(given: argparse.Namespace) -> TrainingSettings:
    """The preset, with what was given in place of its own. Raises DetectorError for what makes no sense, also
    beside the --start of the verb."""
    preset = PRESETS[given.preset]
    names = ("epochs", "steps", "batch", "learning_rate", "precision", "seed", "checkpoint_every")
    changes = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    if given.start is not None and (given.width, given.batch_norm) != (None, None):
        raise DetectorError(
            "--width and --batch-norm cannot go with --start: the network is that of the version.",
            "Leave them out.",
        )
    width = preset.architecture.width if given.width is None else given.width
    norm = preset.architecture.batch_norm if given.batch_norm is None else given.batch_norm
    try:
        return dataclasses.replace(preset, architecture=Architecture(width, norm), **changes)
    except ValueError as error:
        raise DetectorError(f"These settings make no sense: {error}.", "See --help.") from error
