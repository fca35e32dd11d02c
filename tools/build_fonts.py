"""Cut the fonts in resources/fonts out of their sources. Run by hand, with fontTools installed:

    python tools/build_fonts.py INTER_FOLDER NOTO_SANS_CJK_FOLDER DEJAVU_FOLDER

The folders are those of Debian's fonts-inter, fonts-noto-cjk and fonts-dejavu-core. A cut font carries a name
of its own, so that it is never mistaken for the whole one which a machine may have installed as well.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "resources" / "fonts"

SIGN_BLOCKS = (
    range(0x2190, 0x2200),  # arrows
    range(0x2300, 0x2400),  # technical: keys of a keyboard
    range(0x2500, 0x2600),  # boxes and geometric shapes
    range(0x2600, 0x2700),  # miscellaneous
    range(0x2700, 0x27C0),  # dingbats
    range(0x2B00, 0x2C00),  # more arrows and shapes
)
LATIN_BLOCKS = (
    range(0x20, 0x180),  # ASCII, Latin-1, Latin Extended-A
    range(0x2C6, 0x2DE),  # accents
    range(0x370, 0x400),  # Greek
    range(0x2000, 0x2070),  # punctuation
    range(0x2070, 0x20D0),  # superscripts, currencies
    range(0x2100, 0x2150),  # letter-like signs
    range(0x2190, 0x21FF),  # arrows
    range(0x2200, 0x2300),  # mathematics
    range(0x2300, 0x2400),  # technical
)


def _all(blocks: Iterable[range]) -> set[int]:
    return {point for block in blocks for point in block}


def _japanese() -> set[int]:
    """What Windows code page 932 can write: JIS X 0208 and the IBM kanji that are found in names."""
    points = {*range(0x3000, 0x3100), *range(0xFF00, 0xFFF0)}
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in range(0x40, 0xFD):
            points.update(map(ord, bytes((lead, trail)).decode("cp932", errors="ignore")))
    return points - _all(LATIN_BLOCKS) - _all(SIGN_BLOCKS)


def _rename(font: TTFont, family: str, style: str) -> None:
    postscript = f"{family}-{style}".replace(" ", "")
    ribbi = style in ("Regular", "Bold")
    words = {
        1: family if ribbi else f"{family} {style}",
        2: style if ribbi else "Regular",
        3: f"1.0;{postscript}",
        4: f"{family} {style}",
        6: postscript,
        16: family,
        17: style,
    }
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 7, 13, 14)]
    for number, text in words.items():
        names.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName, top.Weight = family, f"{family} {style}", style


def cut(source: Path, points: set[int], family: str, style: str, number: int = -1) -> None:
    """Write resources/fonts/<family>-<style> with the glyphs of these code points only."""
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=["*"], name_languages=["*"])
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "calt", "tnum", "palt"]
    font = (
        subset.load_font(source, options)
        if number < 0
        else TTFont(source, fontNumber=number, recalcTimestamp=False)
    )
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=points)
    chosen.subset(font)
    _rename(font, family, style)
    suffix = ".otf" if "CFF " in font else ".ttf"
    target = TARGET / f"{family.replace(' ', '')}-{style}{suffix}"
    font.save(target)
    print(f"{target.name}: {len(font.getGlyphOrder())} glyphs, {target.stat().st_size / 1e6:.2f} MB")


def main(inter: Path, noto: Path, dejavu: Path) -> None:
    latin = _all(LATIN_BLOCKS)
    for style in ("Regular", "SemiBold", "Bold"):
        cut(inter / f"Inter-{style}.otf", latin, "Knuckle Sans", style)
    for style in ("Regular", "Bold"):  # face 0 of the collection is the Japanese one
        cut(noto / f"NotoSansCJK-{style}.ttc", _japanese(), "Knuckle Sans JP", style, 0)
    cut(dejavu / "DejaVuSans.ttf", _all(SIGN_BLOCKS), "Knuckle Signs", "Regular")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
