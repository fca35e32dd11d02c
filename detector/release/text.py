"""Values -> the three JSON files of a release: the same values, the same bytes."""

import json
from collections.abc import Mapping

from detector.release.fields import IMAGE_FIELDS, JOINT_FIELDS
from detector.release.values import FORMAT, VERSION, Contents, Folds, ReleaseImage


def annotations_bytes(contents: Contents) -> bytes:
    """annotations.json, one line a joint."""
    images = ",\n".join(_image_text(image) for image in contents.images)
    head = f'{_head()},\n "test": {_text(contents.test)}'
    return f'{{{head},\n "images": [\n{images}\n]}}\n'.encode()


def _image_text(image: ReleaseImage) -> str:
    fields = {name: getattr(image, name) for name in IMAGE_FIELDS if name != "joints"}
    if image.ignored:
        fields["ignored"] = image.ignored
    joints = ",\n".join(
        "   " + _text({name: getattr(joint, name) for name in JOINT_FIELDS}) for joint in image.joints
    )
    return f'  {_text(fields)[:-1]}, "joints": [\n{joints}\n  ]}}'


def folds_bytes(folds: Folds) -> bytes:
    """folds.json, one line a fold."""
    lines = ",\n".join("  " + _text(fold) for fold in folds.patients)
    return f'{{{_head()},\n "seed": {folds.seed},\n "folds": [\n{lines}\n]}}\n'.encode()


def manifest_bytes(about: Mapping[str, object], files: Mapping[str, str]) -> bytes:
    """manifest.json, one line a file, by path."""
    lines = ",\n".join(f"  {_text(path)}: {_text(files[path])}" for path in sorted(files))
    return f'{{{_head()},\n "about": {_text(about)},\n "files": {{\n{lines}\n}}}}\n'.encode()


def _head() -> str:
    return f'"format": "{FORMAT}", "version": {VERSION}'


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
