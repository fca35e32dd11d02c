"""What can go wrong with what somebody gave the detector."""


class DetectorError(Exception):
    """message: one sentence of what happened; advice: one of what to do. Its text is both."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(f"{message} {advice}".rstrip())
        self.message = message
        self.advice = advice
