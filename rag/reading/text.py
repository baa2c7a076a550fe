"""Bytes -> text: Unicode as it says of itself, older encodings only where one reading is sure."""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from rag.reading.contents import Contents, Unreadable

_MARKS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# Letters beyond a to z, by language. Those that write English borrow words and keep their letters.
_WESTERN = [
    "àâæçèéêëîïñôœùûüÿ",
    "äöüßéèà",
    "áéíñóúüªº",
    "àèéìíîòóùú",
    "áâãàçéêíóôõúü",
    "àáçèéíïòóúüŀ",
    "äåéöæøü",
]
_POLISH = "ąćęłńóśźż"
_CENTRAL = [
    "áéíóöúüőű",
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    _POLISH,
    "čćđšž",
    "âăîșşțţ",
]
_TURKISH = ["çğıöşüâîû"]
_BALTIC = ["ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"]
_LATIN = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": [*_BALTIC, _POLISH],
}
# Written in other scripts: only languages that such an encoding is for.
_OTHER_SCRIPTS = {
    "cp1251": "Russian Ukrainian Bulgarian Serbian Belarusian Macedonian Kazakh",
    "koi8_r": "Russian",
    "koi8_u": "Ukrainian Russian",
    "cp866": "Russian",
    "iso8859_5": "Russian Bulgarian Serbian",
    "mac_cyrillic": "Russian Ukrainian Bulgarian Serbian",
    "cp1253": "Greek",
    "iso8859_7": "Greek",
    "cp1255": "Hebrew",
    "cp1256": "Arabic Farsi",
    "gb18030": "Chinese",
    "big5": "Chinese",
    "cp932": "Japanese",
    "euc_jp": "Japanese",
    "cp949": "Korean",
}
# Their Cyrillic letters: a capital of one encoding is a letter of another language in the next.
_CYRILLIC = [
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
    "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ",
    "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
]
_ENGLISH = re.compile(rb"\b(?:the|and|of|to|was|is|that|it|with|for|on|he|as|by|we|said)\b", re.I)
# A letter with a sign after it that never stands there, as readings in a wrong encoding have. An
# ordinal's sign (Nº) and a quotation mark of these end their word.
_SIGN_IN_A_WORD = re.compile(
    r"[^\W\d_][^\w\s'’.,;:!?()\[\]\"“”«»–—/&*@+=#%<>|\\`~^$\-…·‐‑\xa0\xad]"
    r"|[^\W\d_][¹¼½¾]"
    r"|[^\W\d_][ªº«»][^\W\d_]"
)
_PROBE = 200_000
"""Bytes that are looked at to tell an encoding; the whole must then decode in it."""


def read(content: bytes) -> Contents:
    """A text file, unchanged. Raises Unreadable where it is no text or its encoding is unsure."""
    return Contents(decoded(content))


def decoded(content: bytes) -> str:
    """The text that `content` is. A wrong guess would be quoted as if it stood there, so there is
    none: Raises Unreadable where there is more than one reading."""
    text = in_utf(content)
    if text is None:
        text = _in_latin(content)
    if text is None:
        text = _in_another_script(content)
    if text is None:
        raise Unreadable("is not UTF-8 text, nor surely in another encoding: save it as UTF-8")
    return text


def in_utf(content: bytes) -> str | None:
    """The text where it is UTF-8, or UTF-16 or UTF-32 with a mark; None where it is 8-bit text.

    Raises Unreadable where it is binary, or marked and damaged.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            try:
                text = content.decode(name)
            except UnicodeDecodeError as error:
                raise Unreadable(
                    f"is damaged {name.upper()} text (byte {error.start}): save it as UTF-8"
                ) from error
            if "\0" in text:
                raise Unreadable("is binary, not text: save it as UTF-8")
            return text
    if b"\0" in content:
        raise Unreadable("is binary, or UTF-16 without a mark, not text: save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _in_latin(content: bytes) -> str | None:
    """The text where every reading of it as words of a language in Latin script is the same."""
    if _is_damaged_utf8(content):
        return None
    # English has hardly a letter beyond a to z to tell by, but is known by its words.
    words = len(content[:_PROBE].split())
    english = len(_ENGLISH.findall(content[:_PROBE])) > 0.15 * words
    readings = set()
    for name, alphabets in _LATIN.items():
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if (alphabets is _WESTERN or not english) and _reads_well(text[:_PROBE], alphabets):
            readings.add(text)
    return readings.pop() if len(readings) == 1 else None


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether there are UTF-8 letters in it, or half of one at its end."""
    letter = rb"[\xc2-\xde][\x80-\xbf]|[\xe0-\xef][\x80-\xbf](?:[\x80-\xbf]|$)"
    return bool(re.search(letter, content))


def _reads_well(text: str, alphabets: Sequence[str]) -> bool:
    """Whether the letters beyond a to z are of one language, few, and stand as letters do."""
    letters = [one for one in text if one > "\x7f" and one.isalpha()]
    if len(letters) > 0.25 * sum(map(str.isalpha, text)):
        return False
    used = {one.lower() for one in letters}
    return _is_written(text) and any(used <= set(one) for one in alphabets)


def _is_written(text: str) -> bool:
    """Whether beyond ASCII there are signs one writes, none inside a word, and no small letter
    before a capital."""
    if any(unicodedata.category(one) in ("Cc", "Cn", "Co") for one in text if one > "\x7f"):
        return False
    if any(one > "\x7f" and one.isupper() and before.islower() for before, one in pairwise(text)):
        return False
    return not _SIGN_IN_A_WORD.search(text)


def _is_of_one_cyrillic(text: str) -> bool:
    """Whether its Cyrillic letters, where it has any, are of one language and written as such."""
    used = {one.lower() for one in text if "\u0400" <= one <= "\u052f"}
    return not used or (_is_written(text) and any(used <= set(one) for one in _CYRILLIC))


def _in_another_script(content: bytes) -> str | None:
    """The text where charset-normalizer finds one language, in an encoding that is for it."""
    from charset_normalizer import from_bytes

    found = [
        match
        for match in from_bytes(content[:_PROBE], cp_isolation=list(_OTHER_SCRIPTS))
        if match.language in _OTHER_SCRIPTS.get(match.encoding, "").split()
        and match.percent_coherence >= 10
        and _is_of_one_cyrillic(str(match))
    ]
    if not found:
        return None
    best = min(found, key=lambda match: (match.percent_chaos, -match.percent_coherence))
    rivals = [
        match
        for match in found
        if match.percent_chaos <= best.percent_chaos + 2
        and match.percent_coherence >= best.percent_coherence - 8
    ]
    if best.percent_chaos > 3 or any(str(match) != str(best) for match in rivals):
        return None
    try:
        return content.decode(best.encoding)
    except UnicodeDecodeError:
        return None
