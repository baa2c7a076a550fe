"""Web pages: the article is kept, what stands around it is not, and nothing is guessed."""

from itertools import pairwise

import pytest

from rag.reading import article
from rag.segmentation import split
from tests.rag.reading.made import page, refusal

BODY = """<h1>Harbour reopens after storm</h1>
<p class="byline">By Jane Roe</p>
<p>The harbour of Eastport reopened on Thursday after <b>nine days</b>, the harbour
<a href="/m">master</a> said. Waves of 11 metres had broken the northern mole.</p>
<h2>What was repaired</h2>
<p>Divers replaced 40 concrete blocks.<br>The lighthouse was repainted.</p>
<ul><li>Northern mole: <em>40</em> blocks<ul><li>cost: 2 million</li></ul></li>
<li><p>Lighthouse: a new lamp</p></li></ul>
<table><tr><th>Berth</th><th>Depth</th></tr><tr><td>North</td><td>9 m</td></tr></table>
<blockquote><p>“We have never seen such waves,” said Mayor Lee.</p></blockquote>
<p>Ships &amp; ferries sail again from Friday on.</p>"""

KEPT = [
    "The harbour of Eastport reopened on Thursday after nine days, the harbour master said. "
    "Waves of 11 metres had broken the northern mole.",
    "# What was repaired",
    "Divers replaced 40 concrete blocks.\nThe lighthouse was repainted.",
    "- Northern mole: 40 blocks\n- cost: 2 million\n- Lighthouse: a new lamp",
    "| Berth | Depth |\n| North | 9 m |",
    "“We have never seen such waves,” said Mayor Lee.",
    "Ships & ferries sail again from Friday on.",
]


def test_the_article_is_kept_in_order_with_its_structure() -> None:
    text = article("a.html", page(BODY).encode()).text
    places = [text.index(f"\n\n{kept}\n") for kept in KEPT]
    assert all(before < after for before, after in pairwise(places))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12,500<sup>1</sup> passengers", "12,500¹ passengers"),
        ("in 1932<sup><a href='#n'>23</a></sup>.", "in 1932²³."),
        ("10<sup>3</sup> grains of H<sub>2</sub>O", "10³ grains of H₂O"),
        ("the 4<sup>th</sup> of May", "the 4th of May"),
    ],
)
def test_a_figure_above_or_below_the_line_is_no_part_of_a_number(written: str, read: str) -> None:
    text = article("a.html", page(f"{BODY}<p>The ferry carried {written}</p>").encode()).text
    assert f"The ferry carried {read}" in text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            "<p>It opened in <del>1950</del><ins>1951</ins> for <s>two</s> three.</p>",
            "1951 for three.",
        ),
        ("<p>Run <code>make run</code> in the folder.</p>", "Run make run in the folder."),
        ("<p>She said <q>We come</q> to all.</p>", "She said \u201cWe come\u201d to all."),
        (
            "<div>Of the town.<div>It grew.</div>It shrank.</div>",
            "Of the town.\nIt grew.\nIt shrank.",
        ),
        (
            "<table><tr><th>Town<th>All</tr><tr><td><p>Lindau</p><p>North</p>"
            "<td>12<br><b>mem</b>bers</tr></table>",
            "| Lindau North | 12 members |",
        ),
    ],
)
def test_marks_within_a_paragraph_neither_cut_it_nor_run_its_words_together(
    written: str, read: str
) -> None:
    assert read in article("a.html", page(f"{BODY}{written}").encode()).text


def test_what_stands_around_the_article_is_left_out() -> None:
    text = article("a.html", page(BODY).encode()).text
    for out in [
        "cookies",
        "All the news",
        "track",
        "Great article",
        "All rights reserved",
        "color",
    ]:
        assert out not in text


@pytest.mark.parametrize(
    "mark", ["hidden", 'style="display:none"', 'style="color: red; display : none"']
)
def test_what_a_page_does_not_show_is_not_read(mark: str) -> None:
    unseen = "Only machines are meant to read this sentence."
    body = f"{BODY}<p {mark}>{unseen}</p><div {mark}><p>{unseen}</p></div><p>It is calm.</p>"
    text = article("a.html", page(body).encode()).text
    assert unseen not in text
    assert "Ships & ferries sail again from Friday on." in text
    assert "It is calm." in text


def test_sentences_of_a_page_are_whole_and_its_headings_are_headings() -> None:
    text = article("a.html", page(BODY).encode()).text
    found = {text[s.start : s.end]: s.kind for s in split(text)}
    assert found["What was repaired"] == "heading"
    assert found["Waves of 11 metres had broken the northern mole."] == "prose"
    assert found["The lighthouse was repainted."] == "prose"
    assert found["Northern mole: 40 blocks"] == found["| North | 9 m |"] == "item"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Harbour reopens | The Coast Gazette</title>", "Harbour reopens after storm"),
        ('<meta property="og:title" content="Harbour open">', "Harbour open"),
        ('<script type="application/ld+json">{"@type": "NewsArticle"</script>', "Harbour reopens"),
    ],
)
def test_the_title_is_the_page_s(head: str, title: str) -> None:
    assert article("a.html", page(BODY, head).encode()).title.startswith(title)


def test_a_script_in_the_heading_is_no_part_of_the_title() -> None:
    body = BODY.replace("</h1>", "<script>track('heading')</script><style>h1 {}</style></h1>")
    assert article("a.html", page(body).encode()).title == "Harbour reopens after storm"


LD = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta property="article:published_time" content="2024-03-07T08:12:00Z">', "2024-03-07"),
        ('<meta name="DC.date.issued" content="2024-03-07">', "2024-03-07"),
        ('<meta name="citation_publication_date" content="2024/3/7">', "2024-03-07"),
        ('<meta itemprop="datePublished" content="2024-03-07">', "2024-03-07"),
        (LD.format('{"@type":"NewsArticle","datePublished":"2024-03-07T08:12"}'), "2024-03-07"),
        (LD.format('{"@graph":[{"@type":"A"},{"datePublished":"2024-03-07"}]}'), "2024-03-07"),
        ('<link rel="canonical" href="https://e.org/2024/3/7/harbour">', "2024-03-07"),
        ('<meta property="og:url" content="https://e.org/news/2024-03-07-x">', "2024-03-07"),
        # Each of these is a date, and none of them that of publication.
        ('<meta property="article:modified_time" content="2024-03-07">', None),
        ('<meta http-equiv="last-modified" content="2024-03-07">', None),
        ('<meta itemprop="copyrightYear" content="2024">', None),
        (LD.format('{"dateModified":"2024-03-07"}'), None),
        (LD.format('{"mentions":[{"datePublished":"2024-03-07"}]}'), None),
        (LD.format("{broken"), None),
        (LD.format("[]"), None),
        ('<meta property="article:published_time" content="2024-13-07">', None),
        ('<meta property="article:published_time" content="last week">', None),
        ("", None),
    ],
)
def test_the_date_is_the_one_declared_and_never_guessed(head: str, date: str | None) -> None:
    body = BODY + "<p>It was repaired from 2023-01-02 to 2023-03-04, and closed in May 2022.</p>"
    assert article("a.html", page(body, head).encode()).date == date


def test_a_time_element_counts_where_it_says_that_it_is_the_publication() -> None:
    for attribute, date in [("pubdate", "2024-03-07"), ("class=x", None)]:
        time = f'<time {attribute} datetime="2024-03-07">Thursday</time>'
        assert article("a.html", page(time + BODY).encode()).date == date


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ("", "utf-8"),
        ("", "utf-16"),
        ('<meta charset="windows-1252">', "cp1252"),
        ('<META http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ('<meta charset="iso-8859-2">', "iso8859-2"),
        ("<meta charset=windows-1251>", "cp1251"),
        ("<meta charset=gb2312>", "gb18030"),
        ("<meta charset=Shift_JIS>", "cp932"),
        # A page that is UTF-8 whatever it says.
        ('<meta charset="windows-1252">', "utf-8"),
        ('<meta charset="no-such-thing">', "utf-8"),
    ],
)
def test_a_page_is_decoded_as_it_declares(charset: str, encoding: str) -> None:
    words = {
        "cp1251": "Мэр города открыл новый мост через реку.",
        "gb18030": "市长星期一为横跨河流的新桥剪彩。",
        "cp932": "市長は月曜日に川にかかる新しい橋を開通させた。",
        "iso8859-2": "Mieszkańcy musieli wcześniej jeździć dłuższą drogą.",
    }.get(encoding, "Le maire a inauguré “le théâtre” lundi.")
    body = f"<h1>Bridge</h1><p>{words}</p><p>It has been closed for years, said the mayor.</p>"
    content = page(body, charset=charset).replace("©", "(c)").encode(encoding)
    assert words in article("a.html", content).text


def test_a_page_that_is_not_what_it_declares_is_refused() -> None:
    content = page(BODY + "<p>caf\xe9 na\xefve</p>").encode("latin-1", "replace")
    assert "not the utf-8 text that it says it is" in refusal("a.html", content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("The parade began at noon. It rained.", "seems to be plain text"),
        (
            "<html><body><nav><a href='/'>Home</a><a href='/a'>About</a></nav></body></html>",
            "no art",
        ),
        (
            "<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>",
            "no article",
        ),
        ("<html><body><img src='a.png'><form><input></form></body></html>", "no article"),
        ("<html><script>document.write('The parade began.')</script></html>", "no article"),
    ],
)
def test_a_page_without_an_article_is_refused_with_the_reason(content: str, reason: str) -> None:
    assert reason in refusal("a.htm", content.encode())


def test_a_page_nested_without_end_is_read_or_refused() -> None:
    deep = "<div>" * 100_000 + "<p>The parade began at noon.</p>" + "</div>" * 100_000
    assert ": " in refusal("a.html", f"<html><body>{deep}</body></html>".encode())


def test_markup_in_the_words_of_a_page_stays_words() -> None:
    body = "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" + BODY
    body += "<p>Write &lt;b&gt; to make words bold, and a # for a heading.</p>"
    found = article("a.html", page(body).encode())
    assert "Write <b> to make words bold, and a # for a heading." in found.text
