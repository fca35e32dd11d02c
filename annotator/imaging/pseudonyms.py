"""From a patient's identity to a key that can be kept."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from annotator.domain.errors import KnuckleError
from annotator.imaging.radiograph import Identity


def patient_key(identity: Identity, salt: bytes) -> str:
    """64 hex digits that stand for the patient: HMAC-SHA256 under the study's salt.

    Made of issuer and patient ID. Only a file without an ID is known by the name, and one without
    either by its DICOM study, which by definition is of one patient. Without the salt the key cannot
    be traced back by trying IDs. Raises KnuckleError where the file names nobody at all.
    """
    number, issuer = _plain(identity.patient_id), _plain(identity.issuer)
    if number:
        parts = ("id", issuer, number)
    elif name := _plain(identity.name).casefold():
        parts = ("name", issuer, name)
    elif identity.study_uid:
        parts = ("study", "", identity.study_uid)
    else:
        raise KnuckleError(
            "The file does not say which patient it is of.",
            "Export it with a patient ID or a pseudonym in its place.",
        )
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hmac.new(salt, message, hashlib.sha256).hexdigest()


def _plain(text: str) -> str:
    """Without the differences that two machines of one hospital make: width, padding, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
