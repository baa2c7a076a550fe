"""The page's pure modules, run by the browser and held against Python."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

TEXT = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("\n\r\u2028😀👩‍🚀\ufeffa")), max_size=40
)
SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def page(browser: Browser, seeds_url: str) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(seeds_url)
        yield page


@SLOW
@given(text=TEXT, offsets=st.lists(st.integers(0, 50), max_size=6))
def test_code_points_are_found_as_python_counts_them(
    page: Page, text: str, offsets: list[int]
) -> None:
    found = page.evaluate(
        """async ([text, offsets]) => {
            const { utf16Indexes } = await import('/page/offsets.js');
            return utf16Indexes(text, offsets)
                .map((index) => index === null ? null : text.slice(0, index));
        }""",
        [text, offsets],
    )
    assert found == [text[:offset] if offset <= len(text) else None for offset in offsets]


@SLOW
@given(text=TEXT, cuts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_lines_hold_the_text_whole_and_each_quote_where_it_stands(
    page: Page, text: str, cuts: list[tuple[int, int]]
) -> None:
    spans = [sorted(min(cut, len(text)) for cut in pair) for pair in cuts]
    quotes = [
        {"id": id_, "start": start, "end": end, "quote": text[start:end]}
        for id_, (start, end) in enumerate(spans)
        if start < end
    ]
    lines = page.evaluate(
        """async ([text, quotes]) => {
            const { lines, located } = await import('/page/segments.js');
            const spans = located(text, quotes);
            if (!spans.every((span) => span.exact)) throw new Error('a quote is not found');
            return lines(text, spans).map((line) => line
                .map(({ text, spans }) => [text, spans.map((span) => span.quote.id)]));
        }""",
        [text, quotes],
    )
    pieces = [piece for line in lines for piece in line]
    assert "".join(piece for piece, _ in pieces) == text
    for quote in quotes:
        marked = "".join(piece for piece, ids in pieces if quote["id"] in ids)
        assert marked == quote["quote"]
    broken = ["".join(piece for piece, _ in line) for line in lines]
    assert all("\n" not in line[:-1] for line in broken)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["passages", "claim", "answer"]),
        st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=3),
    ),
    max_size=4,
)


@SLOW
@given(events=EVENTS, size=st.integers(1, 9), line_break=st.sampled_from(["\n", "\r\n"]))
def test_a_stream_cut_anywhere_gives_the_same_events(
    page: Page, events: list[tuple[str, dict[str, str]]], size: int, line_break: str
) -> None:
    said = ": still at work\n\n".join(
        f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for name, data in events
    ).replace("\n", line_break)
    encoded = list(said.encode("utf-8", "replace"))
    found = page.evaluate(
        """async ([bytes, size]) => {
            const { events } = await import('/page/stream.js');
            const body = new ReadableStream({
                start(control) {
                    for (let at = 0; at < bytes.length; at += size) {
                        control.enqueue(new Uint8Array(bytes.slice(at, at + size)));
                    }
                    control.close();
                },
            });
            const found = [];
            for await (const { event, data } of events(body)) found.push([event, JSON.parse(data)]);
            return found;
        }""",
        [encoded, size],
    )
    assert found == [[name, data] for name, data in events]
