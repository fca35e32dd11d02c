"""How a joint is written for people, by preference; `Joint.name` is how it is stored and exported."""

from dataclasses import dataclass

from annotator.domain.joints import Joint, Row, Side

_ROMAN = ("I", "II", "III", "IV", "V")
_FINGERS_EN = ("thumb", "index", "middle", "ring", "little")
_FINGERS_JA = ("母指", "示指", "中指", "環指", "小指")
_SIDES_EN = {Side.RIGHT: "right", Side.LEFT: "left"}
_SIDES_JA = {Side.RIGHT: "右", Side.LEFT: "左"}


@dataclass(frozen=True, slots=True)
class NameStyle:
    """mcp: MCP for MP. roman: I to V for 1 to 5. japanese: Japanese fingers and sides."""

    mcp: bool = False
    roman: bool = False
    japanese: bool = False

    def kind(self, joint: Joint) -> str:
        return "MCP" if joint.row is Row.MP and self.mcp else joint.kind

    def short(self, joint: Joint) -> str:
        """Without the side: PIP3, MCP III, 中指PIP."""
        if self.japanese:
            return f"{_FINGERS_JA[joint.digit - 1]}{self.kind(joint)}"
        return (
            f"{self.kind(joint)} {_ROMAN[joint.digit - 1]}"
            if self.roman
            else f"{self.kind(joint)}{joint.digit}"
        )

    def full(self, joint: Joint) -> str:
        """With the side: R-PIP3, R-MCP III, 右中指PIP."""
        if self.japanese:
            return f"{_SIDES_JA[joint.side]}{self.short(joint)}"
        return f"{joint.side.value}-{self.short(joint)}"

    def spoken(self, joint: Joint) -> str:
        """The finger in words: "middle, right", or 右 中指."""
        if self.japanese:
            return f"{_SIDES_JA[joint.side]} {_FINGERS_JA[joint.digit - 1]}"
        return f"{_FINGERS_EN[joint.digit - 1]}, {_SIDES_EN[joint.side]}"
