"""Writes unicode_class_table.cpp: which code points are letters, numbers and white space.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install unicodedata2==16.0.0
    /tmp/venv/bin/python runtime/gradc/app/data/unicode_classes.py

The version of Unicode is that of the tokenizers that published vocabularies were made with. Letters are the general categories
L*, numbers N*; white space is the property White_Space.
"""

import pathlib

import unicodedata2 as unicodedata

VERSION = "16.0.0"
OTHER, LETTER, NUMBER, SPACE = range(4)
LAST = 0x10FFFF
PER_LINE = 12

# White_Space is every separator (Z*) and these controls.
SPACE_CONTROLS = {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85}

HEAD = """// Made by data/unicode_classes.py from Unicode {version}; not to be changed by hand.
#include <gradc/app/unicode_class.h>

namespace gradc::app {{

// Where the class changes: four times the code point, plus the class from there on.
// clang-format off
extern const std::uint32_t kUnicodeClassStarts[] = {{
"""
TAIL = """}};
// clang-format on
extern const std::size_t kUnicodeClassStartCount = {count};

}}  // namespace gradc::app
"""


def class_of(code):
    category = unicodedata.category(chr(code))
    if code in SPACE_CONTROLS or category[0] == "Z":
        return SPACE
    return {"L": LETTER, "N": NUMBER}.get(category[0], OTHER)


def main():
    assert unicodedata.unidata_version == VERSION, unicodedata.unidata_version
    starts, before = [], None
    for code in range(LAST + 1):
        now = class_of(code)
        if now != before:
            starts.append(4 * code + now)
        before = now
    lines = [", ".join(map(str, starts[i : i + PER_LINE])) + "," for i in range(0, len(starts), PER_LINE)]
    text = HEAD.format(version=VERSION) + "".join(f"    {line}\n" for line in lines) + TAIL.format(count=len(starts))
    path = pathlib.Path(__file__).resolve().parent.parent / "unicode_class_table.cpp"
    path.write_text(text, encoding="ascii")


main()
