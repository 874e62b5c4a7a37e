#!/usr/bin/env python3
"""Write the fonts that cards are drawn with, and their licence, into assets/.

    sudo apt-get install fonts-noto-cjk
    python3 -m venv target/font && target/font/bin/pip install fonttools==4.60.1 pypinyin-dict==0.9.0
    target/font/bin/python tools/font.py

The results are committed: neither a build nor a test needs any of this.

The regular face carries every character that a Chinese legal name, a place or an authority may be written with:

- the 8,105 characters of the general standard table of 2013 (pypinyin-dict carries them as the keys of Unihan's
  kTGHZ2013), which GB 2312 lacks in part: 喆, 䶮, 𬭎;
- GBK, whose ideographs are those of GB 13000.1 (U+4E00 to U+9FA5), which second-generation ID cards were made with:
  older names outside the general table lie in it, and the traditional characters in the names of residents of Hong
  Kong, Macao and Taiwan;
- the Latin letters of Europe and of Vietnam (passports of drivers at the border), punctuation and arrows.

The bold face carries what a card sets in bold: digits, Latin letters, plates, and the words of the card itself. A card
sets a line in bold only when every character of it is here, and in regular otherwise.

Hinting and layout features are dropped: the card sets horizontal text at large sizes, and without kerning the width of
a text is the sum of its advances, which is what src/card/font.rs measures.
"""

import pathlib
import re

from fontTools import subset
from fontTools.ttLib import TTFont
from pypinyin_dict.pinyin_data import ktghz2013

SOURCE = pathlib.Path("/usr/share/fonts/opentype/noto")
LICENCE = pathlib.Path("/usr/share/doc/fonts-noto-cjk/copyright")
ASSETS = pathlib.Path(__file__).resolve().parent.parent / "assets"
SIMPLIFIED_CHINESE = 2  # the order in the collection: JP, KR, SC, TC, HK

GENERAL_TABLE = 8105  # characters in the general standard table
ASCII = set(range(0x20, 0x7F))
LATIN = set(range(0xA0, 0x180)) - {0xAD}  # the soft hyphen is invisible, so no name may hold it
VIETNAMESE = {0x1A0, 0x1A1, 0x1AF, 0x1B0} | set(range(0x1EA0, 0x1EFA))
PUNCTUATION = set(range(0x2010, 0x2028)) | set(range(0x2030, 0x205F))
ARROWS = set(range(0x2190, 0x219A))
BOX_DRAWING = set(range(0x2500, 0x25A0))  # in GBK, never on a card

PLATES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新港澳台学警挂领使临应急民航试超"
CARD_WORDS = """
货运车辆通行证重点物资运输保障全国跨省市区县应急救援防疫抗洪抢险森林火灾边境口岸民生产业链供应
主车挂车牌号牵引半有效期起至止北京时间证号人员驾驶司机押运随乘路线货物类别签发机关项目编号
河北山西辽宁吉林黑龙江苏浙安徽福建东南湖广海四川贵州云陕甘肃青台湾内蒙古壮族维吾尔回自治特别行政
京津沪渝上天重庆新疆藏夏香澳门中华人民共和统筹紧急特许专用绿色道抗震汛草原暴雨雪台风地灾害工作领导小组指挥部
执勤查验请扫码以为准票面文字不作凭证空载返程重载汽车集成电路消费电子装备制造农业食品医药
婴幼儿配方奶粉日用品能源邮政快递其他年月日时分国家省级地市联防联控机制
"""


def main() -> None:
    general = set(ktghz2013.pinyin_dict)
    assert len(general) == GENERAL_TABLE, len(general)
    latin = ASCII | LATIN | PUNCTUATION | ARROWS
    regular = (general | gbk() | latin | VIETNAMESE) - BOX_DRAWING
    bold = ASCII | LATIN | PUNCTUATION | ARROWS | {ord(c) for c in PLATES + CARD_WORDS if not c.isspace()}
    ASSETS.mkdir(exist_ok=True)
    write("Regular", regular, required=general | bold)
    write("Bold", bold, required=bold)
    (ASSETS / "OFL.txt").write_text(licence(), encoding="utf-8")


def gbk() -> set[int]:
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.update(map(ord, bytes([lead, trail]).decode("gbk")))
            except UnicodeDecodeError:
                pass
    return found


def write(weight: str, wanted: set[int], required: set[int]) -> None:
    font = TTFont(SOURCE / f"NotoSansCJK-{weight}.ttc", fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    has = set(font.getBestCmap())
    missing = sorted(chr(c) for c in required - has if c not in PUNCTUATION | LATIN | ARROWS)
    assert not missing, f"the source font lacks {missing}"

    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted & has)
    subsetter.subset(font)
    path = ASSETS / f"NotoSansCJKsc-{weight}-subset.otf"
    font.save(path)
    print(f"{path.name}: {len(font.getBestCmap())} characters, {path.stat().st_size} bytes")


def licence() -> str:
    """The licence text as Debian ships it, without the indentation of a copyright file."""
    text = LICENCE.read_text(encoding="utf-8")
    copyright_line = "Copyright 2014-2021 Adobe (http://www.adobe.com/)."
    body = re.search(r"^License: SIL-1\.1\n((?: .*\n)+)", text, re.MULTILINE).group(1)
    lines = [line[1:] if line != " ." else "" for line in body.splitlines()]
    head = (
        "NotoSansCJKsc-*-subset.otf are subsets of Noto Sans CJK SC, made by tools/font.py.\n"
        f"{copyright_line}\n"
        "This Font Software is licensed under the SIL Open Font License, Version 1.1.\n\n"
    )
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
