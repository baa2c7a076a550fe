"""Encodings: what is sure is read, and what is not is refused rather than guessed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.reading import article
from tests.rag.reading.made import refusal

WORDS = {
    "en": "The café’s owner — a naïve man of 50 — said: “We will reopen on Monday.” It rained. ",
    "de": "Die Bürgermeisterin eröffnete am Montag die neue Brücke. Früher war es ein weiter Weg. ",
    "fr": "Le maire a inauguré lundi le nouveau théâtre. Les habitants étaient très nombreux là. ",
    "es": "El alcalde inauguró el lunes el nuevo teatro. Según los vecinos, duró más de un año. ",
    "sv": "Borgmästaren invigde i måndags den nya bron över floden. Bygget tog flera år. ",
    "pl": "Mieszkańcy musieli wcześniej jeździć dłuższą drogą. Budowa kosztowała milion złotych. ",
    "cs": "Starosta otevřel v pondělí nový most přes řeku. Obyvatelé dříve museli jezdit jinudy. ",
    "hu": "A polgármester hétfőn avatta az új hidat a folyón. Az építkezés hosszú és sűrű volt. ",
    "lt": "Meras pirmadienį atidarė naują tiltą per upę. Anksčiau reikėdavo važiuoti aplinkkeliu. ",
    "ru": "Мэр города открыл в понедельник новый мост через реку. Раньше ездили в объезд. ",
    "el": "Ο δήμαρχος εγκαινίασε τη Δευτέρα τη νέα γέφυρα πάνω από το ποτάμι. Έβρεχε όλη μέρα. ",
    "he": "ראש העיר חנך ביום שני את הגשר החדש מעל הנהר. בעבר נאלצו התושבים לנסוע בדרך ארוכה. ",
    "ar": "افتتح رئيس البلدية يوم الاثنين الجسر الجديد فوق النهر. كان السكان يضطرون إلى طريق. ",
    "ja": "市長は月曜日に川にかかる新しい橋を開通させた。以前は住民は遠回りをした。",
    "zh": "市长星期一为横跨河流的新桥剪彩。以前居民不得不绕远路。工程历时三年，耗资一千二百万元。",
    "tw": "市長星期一為橫跨河流的新橋剪綵。以前居民不得不繞遠路。工程歷時三年，耗資一千二百萬元。",
    "ko": "시장은 월요일에 강을 가로지르는 새 다리를 개통했다. 주민들이 먼 길을 돌아갔다.",
    "tr": "Belediye başkanı pazartesi günü nehrin üzerindeki yeni köprüyü açtı. Yağmur yağıyordu. ",
}
SURE = [
    *[(language, "cp1252") for language in ("en", "de", "fr", "es", "sv")],
    *[(language, "mac_roman") for language in ("en", "de", "fr")],
    *[(language, encoding) for language in ("pl", "cs") for encoding in ("cp1250", "iso8859_2")],
    *[("ru", encoding) for encoding in ("cp1251", "koi8_r", "iso8859_5", "cp866")],
    ("hu", "cp1250"),
    ("lt", "cp1257"),
    ("el", "cp1253"),
    ("he", "cp1255"),
    ("ar", "cp1256"),
    ("ja", "shift_jis"),
    ("ja", "euc_jp"),
    ("zh", "gbk"),
    ("tw", "big5"),
    ("ko", "euc_kr"),
]


@pytest.mark.parametrize(("language", "encoding"), SURE)
@pytest.mark.parametrize("times", [1, 20])
def test_older_encodings_are_read_where_one_reading_is_sure(
    language: str, encoding: str, times: int
) -> None:
    text = WORDS[language] * times
    assert article("a.txt", text.encode(encoding)).text == text


ENCODINGS = [
    *sorted({encoding for _, encoding in SURE}),
    *["cp850", "cp437", "cp1254", "cp1258", "iso8859_15", "mac_cyrillic", "mac_latin2", "koi8_u"],
]


def encodes(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


SHORT = 20
WRITTEN = [
    (language, encoding)
    for language in sorted(WORDS)
    for encoding in ENCODINGS
    if encodes(encoding, WORDS[language][:SHORT])
]


@given(st.sampled_from(WRITTEN), st.integers(SHORT, 90))
@example(("ru", "mac_cyrillic"), 39)
def test_a_text_is_read_as_it_was_written_or_refused(how: tuple[str, str], length: int) -> None:
    language, encoding = how
    written = WORDS[language][:length]
    if not encodes(encoding, written):
        written = written[:SHORT]
    content = written.encode(encoding)
    try:
        found = article("a.txt", content).text
    except InputError:
        assert refusal("a.txt", content)
    else:
        assert found == written


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-be"])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=50))
@example("\U0001f389")
def test_marked_unicode_is_read_without_the_mark(encoding: str, text: str) -> None:
    text += "a"
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"
    assert article("a.txt", (mark + text).encode(encoding)).text == text


def test_the_mark_of_utf8_stays_for_the_text_is_unchanged() -> None:
    assert article("a.txt", "\ufeffThe parade began.".encode()).text == "\ufeffThe parade began."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("The parade began.".encode("utf-16-le"), "UTF-16 without a mark"),
        ("The parade began.".encode("utf-16")[:-1], "damaged UTF-16"),
        ("The parade\0 began.".encode("utf-16"), "is binary, not text"),
        ("The parade began at the café.".encode() + b" na\xefve", "nor surely"),
        ("The “parade” began.".encode()[:6], "nor surely"),
        (b"\xe4\xe0, \xed\xe5\xf2", "nor surely"),
        (bytes(range(1, 256)), "nor surely"),
        (b"%PDF-1.7\n", "seems to be a PDF: rename it .pdf"),
        (b"<!DOCTYPE html><html>", "seems to be an HTML page: rename it .html"),
        (b"\x89PNG\r\n\x1a\n", "seems to be an image"),
        (b"\x1f\x8b\x08\0", "seems to be a compressed file"),
        (b"\x7fELF\2", "seems to be a program"),
        (b"ID3\4", "seems to be a sound or video file"),
        (b"SQLite format 3\0", "seems to be a database"),
    ],
)
def test_what_is_no_text_or_unsure_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    assert reason in refusal("a.txt", content)
    assert reason in refusal("a.md", content)


def test_a_text_that_speaks_of_markup_is_a_text() -> None:
    for text in ["<b>bold</b>", "Begin with <!DOCTYPE html>.", "<p>One</p>\n", "PK is no archive."]:
        assert article("a.md", text.encode()).text == text


@pytest.mark.parametrize(
    "text",
    [
        "ID3 is a metadata container for sound files.",
        "OggS is what every page of an Ogg stream begins with.",
        "fLaC is what a FLAC file begins with.",
        "MZ Wallace is a maker of bags that are carried by many people in New York.",
        "A file that begins with %PDF-1.7 is a PDF.\n",
    ],
)
def test_a_text_that_opens_with_a_word_of_another_format_is_a_text(text: str) -> None:
    assert article("a.txt", text.encode()).text == text
