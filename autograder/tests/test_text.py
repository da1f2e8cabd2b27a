"""Text from elsewhere: what it shows is all that it holds, and it stays in its place."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from autograder.text import one_line, safe

# Default_Ignorable_Code_Point, from Unicode 15's DerivedCoreProperties.txt.
DEFAULT_IGNORABLE = [
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810)),
    *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164),
    *(*range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFF9)),
    *(*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
]


def test_every_character_that_shows_nothing_is_written_out() -> None:
    for code in DEFAULT_IGNORABLE:
        shown = safe(f"a{chr(code)}b")
        assert shown.isascii()
        assert f"{code:02x}" in shown


def test_every_control_character_and_surrogate_is_written_out() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cc", "Cs", "Zl", "Zp") and chr(code) not in "\t\n":
            assert safe(f"a{chr(code)}b").isascii()


@pytest.mark.parametrize("mark", ["\u0301", "\u0338", "\u0489", "\u20dd", "\U0001d167"])
def test_marks_do_not_pile_up_on_a_letter(mark: str) -> None:
    shown = safe(f"a{mark * 40}b{mark}c")
    assert shown.count(mark) == 3
    assert shown.count(f"{ord(mark):x}") == 38
    assert shown.endswith(f"b{mark}c")


def test_a_mark_does_not_land_on_what_comes_before_the_text() -> None:
    assert safe("\u0338= 0").isascii()


@pytest.mark.parametrize(
    "text",
    [
        "Gewichtsmatrix für Ümläüte, café, naïve",
        unicodedata.normalize("NFD", "Tiếng Việt: hàm mất mát"),
        "ฟังก์ชันที่รับค่า",
        "损失函数的梯度 = softmax(A) - Y",
        "손실 함수",
        "हानि फलन का ढाल",
        "دالة الخسارة",
        "∂L/∂A = softmax(A) - Y ✓ 🎉",
        "tab\there\nand a line",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_what_is_safe_stays_so() -> None:
    odd = "\u0301a" + "\u0301" * 5 + "\u200b\u0301\u0301\u0301\x1b[0m\ud800"
    assert safe(safe(odd)) == safe(odd)


def test_one_line_is_one_line_and_short() -> None:
    line = one_line("a\nb\r\n\u2028c\x0b" + "\u0301" * 1000, 80)
    assert len(line) == 80
    assert len(line.splitlines()) == 1
