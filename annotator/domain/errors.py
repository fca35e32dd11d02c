"""Failures that a person can meet."""


class KnuckleError(Exception):
    """A known failure: one sentence of what happened, one of what to do.

    Both are English, end with a full stop and hold no patient identifier. `context` carries the
    values that were put into the sentences, so that another language can be filled from them.
    """

    def __init__(self, message: str, advice: str, **context: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.context = context

    def __str__(self) -> str:
        return f"{self.message} {self.advice}"


class LockedError(KnuckleError):
    """The reading is signed, or the reader's role does not allow the change."""


class StaleError(KnuckleError):
    """What is stored is not what is in memory: somebody changed it elsewhere."""


class ReplacedError(KnuckleError):
    """The proposals are not those of the newest run any more."""


class ModelError(KnuckleError):
    """No version of the detector can be used: whatever image is next will fare no better."""


class SaveError(KnuckleError):
    """A change could not be written; nothing in memory has changed."""
