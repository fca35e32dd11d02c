"""The sentences with which a file is refused, and what a damaged file may raise underneath."""

from __future__ import annotations

import re
import struct
import zlib

from annotator.domain.errors import KnuckleError

# What pydicom and the decoders raise on damaged files, by name: they document none of it. Anything
# else is a fault of ours and must not be told as a fault of the file.
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

ANOTHER_COPY = "Ask for another copy of it."


def not_dicom() -> KnuckleError:
    return KnuckleError("The file is not DICOM.", "Choose radiographs in DICOM format.")


def not_a_file() -> KnuckleError:
    return KnuckleError(
        "This is not a file that can be read.", "Choose a DICOM file, a folder or a DICOMDIR."
    )


def vanished() -> KnuckleError:
    return KnuckleError("There is no such file.", "Check how its name is spelt, or put it back where it was.")


def not_permitted() -> KnuckleError:
    return KnuckleError("There is no permission to read the file.", "Ask its owner for the right to read it.")


def unreadable(reason: str) -> KnuckleError:
    return KnuckleError(
        f"The file cannot be read from the disk: {reason}.",
        "Check the disk or the network, and try again.",
        reason=reason,
    )


def changed() -> KnuckleError:
    return KnuckleError(
        "The file has changed since it was imported.",
        "Put the imported file back, or import the new one as another image.",
    )


def truncated() -> KnuckleError:
    return KnuckleError("The file is truncated: it ends before its data do.", ANOTHER_COPY)


def damaged(what: str) -> KnuckleError:
    return KnuckleError(f"The file is damaged: {what}.", ANOTHER_COPY, what=what)


def missing(what: str) -> KnuckleError:
    return KnuckleError(f"The file lacks a required entry: {what}.", ANOTHER_COPY, what=what)


def no_pixels() -> KnuckleError:
    return KnuckleError("The file holds no pixels.", "Choose the file that holds the radiograph itself.")


def not_grayscale() -> KnuckleError:
    return KnuckleError(
        "The picture is not grayscale.", "Choose the radiograph, not a screen copy or a report."
    )


def many_frames(frames: int) -> KnuckleError:
    return KnuckleError(
        f"The file holds {frames} frames instead of one.",
        "Export the radiograph as a single picture.",
        frames=str(frames),
    )


def too_large(what: str, limit: str) -> KnuckleError:
    return KnuckleError(
        f"The file is over the limit: {what}, where {limit} is allowed.",
        "Export the radiograph in a smaller size.",
        what=what,
        limit=limit,
    )


def bomb(limit_mb: int) -> KnuckleError:
    return KnuckleError(
        f"The deflated file inflates to more than {limit_mb} MB.",
        "Do not open it again before its origin is known.",
        limit=str(limit_mb),
    )


def unknown_syntax(uid: str) -> KnuckleError:
    uid = uid if re.fullmatch(r"[0-9.]{1,64}", uid) else "no readable UID"  # a spoilt file may say anything
    return KnuckleError(
        f"The transfer syntax of the file is not known here: {uid}.",
        "Export the radiograph uncompressed or as lossless JPEG.",
        uid=uid,
    )


def unsupported_depth(bits: str) -> KnuckleError:
    return KnuckleError(
        f"The picture's bit depth is not supported: {bits}.",
        "Export the radiograph with 8 to 16 bits a pixel.",
        bits=bits,
    )


def too_slow(seconds: float) -> KnuckleError:
    return KnuckleError(
        f"Reading the file took longer than {seconds:.0f} seconds and was ended.",
        ANOTHER_COPY,
        seconds=f"{seconds:.0f}",
    )


def crashed() -> KnuckleError:
    return KnuckleError("The file is damaged in a way that makes its decoder crash.", ANOTHER_COPY)


def no_memory() -> KnuckleError:
    return KnuckleError(
        "Reading the file needs more memory than is allowed.", "Export the radiograph in a smaller size."
    )


def of_system(error: OSError) -> KnuckleError:
    """The sentence for an operating system's error on opening or reading."""
    if isinstance(error, FileNotFoundError):
        return vanished()
    if isinstance(error, PermissionError):
        return not_permitted()
    if isinstance(error, IsADirectoryError):
        return not_a_file()
    return unreadable(error.strerror or type(error).__name__)
