"""A model's reply over a real socket: whole, or with a fault that has a name; never a hang."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from rag.errors import Abandoned, ContextOverflow, ModelError, ModelFault
from rag.models import ChatModel, Limits, Models, Reply, without_thoughts
from rag.models.reply import ATTEMPTS, MAX_CHARACTERS
from rag.records import Usage
from tests.openai_server import FAULTS, KEY, SAID, OpenAIServer, nobody_listens

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer")  # of what is no chunk

ASKED = [HumanMessage("When was the harbour opened?")]


def model(first_token: float = 250.0, answer: float = 250.0) -> ChatModel:
    opened = Models("openai:test", limits=Limits(first_token, answer)).open()
    assert opened
    return opened


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterator[None]:
    """After each test there are no more threads than before it."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), thread


def heard(reply: Reply) -> tuple[str, str]:
    """What was said, and the fault that broke it off."""
    said = ""
    try:
        for text in reply:
            said += text
    except ModelFault as fault:
        return said, str(fault)
    return said, ""


def test_a_reply_comes_as_it_is_said_with_the_tokens_it_took(openai_server: OpenAIServer) -> None:
    openai_server.answers(SAID)
    reply = Reply(model(), ASKED)
    texts = list(reply)
    assert "".join(texts) == SAID
    assert len(texts) > 5
    assert reply.usage == Usage(120, 30)
    assert reply.seconds > 0


class Counting(BaseChatModel):
    """Says the same thrice and tells with it of so many tokens read and written."""

    told: tuple[tuple[int, int], ...]

    @property
    def _llm_type(self) -> str:
        return "counting"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for read, written in self.told:
            used = UsageMetadata(
                input_tokens=read, output_tokens=written, total_tokens=read + written
            )
            yield ChatGenerationChunk(message=AIMessageChunk(content="So. ", usage_metadata=used))
        ended = AIMessageChunk(content="", response_metadata={"finish_reason": "eos_token"})
        yield ChatGenerationChunk(message=ended)


@pytest.mark.parametrize(
    "told",
    [
        ((70, 3), (0, 4), (0, 5)),  # since the chunk before, as Claude and Gemini do
        ((70, 3), (70, 7), (70, 12)),  # in all, as vLLM does where it is told to
        ((0, 0), (0, 0), (70, 12)),
    ],
)
def test_the_tokens_that_chunks_tell_of_are_counted_once(told: tuple[tuple[int, int], ...]) -> None:
    reply = Reply(ChatModel("counting", Counting(told=told), 4096, Limits()), ASKED)
    assert "".join(reply) == "So. So. So. "
    assert reply.usage == Usage(70, 12)


def test_half_a_surrogate_pair_is_passed_on_as_a_question_mark(
    openai_server: OpenAIServer,
) -> None:
    openai_server.answers("It opened \ud83d in 1856 \udc00\U0001f389.")
    assert heard(Reply(model(), ASKED)) == ("It opened ? in 1856 ?\U0001f389.", "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It opened in 1856.", "It opened in 1856."),
        ("<think>Did it?\nIt did.</think>It opened.", "It opened."),
        ("<think>One.</think>It opened.<think>Two.</think>", "It opened."),
        ("It opened. <think>It did, for", "It opened. "),
        ("<think>It never", ""),
        ("It did, so it did.\n</think>\n\nIt opened.", "\n\nIt opened."),
        ("<Thinking>It did.</Thinking>It opened.", "It opened."),
        ("[THINK]It did.[/THINK]It opened.", "It opened."),
        ("I think it opened, reasoning aloud.", "I think it opened, reasoning aloud."),
    ],
)
def test_what_a_model_thinks_aloud_is_left_out_whether_it_comes_to_an_end_or_not(
    written: str, said: str
) -> None:
    assert without_thoughts(written) == said


def test_nothing_is_asked_for_that_some_model_refuses(openai_server: OpenAIServer) -> None:
    openai_server.answers(SAID)
    list(Reply(model(), ASKED))
    (request,) = openai_server.requests
    assert request.path == "/v1/chat/completions"
    assert set(request.body) == {"model", "messages", "stream", "stream_options"}
    assert request.body["model"] == "test"


def test_a_server_that_counts_no_tokens_leaves_them_at_zero(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("stalled", stall_after=None, usage=None)
    reply = Reply(model(), ASKED)
    assert "".join(reply) == SAID
    assert reply.usage == Usage(0, 0)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("cut", "broke off its answer"),
        ("ended early", "broke off its answer"),
        ("no finish reason", "broke off its answer"),
        ("too long", "limit of tokens"),
        ("filtered", "content filter"),
        ("malformed", "cannot be read"),
        ("not chunks", "cannot be read"),
        ("error event", "cannot be read"),
    ],
)
def test_a_reply_that_breaks_off_never_passes_for_whole(
    openai_server: OpenAIServer, fault: str, says: str
) -> None:
    openai_server.misbehaves(fault).answers(SAID)
    said, why = heard(Reply(model(), ASKED))
    assert says in why
    assert "openai:test" in why
    assert 20 < len(said) <= len(SAID)
    assert SAID.startswith(said)
    assert len(openai_server.requests) == 1


def test_an_empty_reply_is_a_fault(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("empty")
    assert heard(Reply(model(), ASKED)) == ("", "openai:test gave an empty answer")


def test_a_reply_without_end_is_broken_off_and_hung_up_on(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("endless", text="and so on, " * 200, piece=1000)
    said, why = heard(Reply(model(), ASKED))
    assert "did not come to an end" in why
    assert MAX_CHARACTERS < len(said) < MAX_CHARACTERS + 2000
    assert openai_server.saw_hang_up()


@pytest.mark.parametrize(
    ("fault", "said"), [("silent", "said nothing"), ("stalled", "fell silent")]
)
def test_a_silent_model_is_not_waited_for(
    openai_server: OpenAIServer, fault: str, said: str
) -> None:
    openai_server.misbehaves(fault)
    text, why = heard(Reply(model(first_token=1.5), ASKED))
    assert why == f"openai:test {said} for 1.5 s (CITEWELL_FIRST_TOKEN_SECONDS)"
    assert SAID.startswith(text)
    assert openai_server.saw_hang_up()
    assert len(openai_server.requests) == 1


def test_a_whole_reply_has_a_deadline_too(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("slow")
    text, why = heard(Reply(model(answer=1.8), ASKED))
    assert why == "openai:test took more than 1.8 s (CITEWELL_ANSWER_SECONDS)"
    assert 0 < len(text) < len(SAID)
    assert openai_server.saw_hang_up()


@pytest.mark.parametrize("fault", ["silent", "stalled", "slow"])
def test_when_nobody_waits_the_model_is_hung_up_on(openai_server: OpenAIServer, fault: str) -> None:
    openai_server.misbehaves(fault)
    with pytest.raises(Abandoned):
        list(Reply(model(), ASKED, gone=lambda: bool(openai_server.requests)))
    assert openai_server.saw_hang_up()


def test_who_stops_listening_hangs_up(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("stalled")
    texts = iter(Reply(model(), ASKED))
    next(texts)
    texts.close()
    assert openai_server.saw_hang_up()


@pytest.mark.parametrize("fault", ["rate limited", "broken", "overloaded", "not JSON"])
def test_a_passing_failure_is_tried_again(openai_server: OpenAIServer, fault: str) -> None:
    openai_server.misbehaves(fault, retry_after=0).answers(SAID)
    assert heard(Reply(model(), ASKED)) == (SAID, "")
    assert len(openai_server.requests) == 2


def test_attempts_have_a_bound(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("broken", retry_after=0)
    assert heard(Reply(model(), ASKED)) == ("", "The server of openai:test failed (HTTP 500)")
    assert len(openai_server.requests) == ATTEMPTS


def test_a_wait_that_the_server_asks_for_is_kept(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("rate limited", retry_after=0.8).answers(SAID)
    reply = Reply(model(), ASKED)
    assert heard(reply) == (SAID, "")
    assert reply.seconds >= 0.8


@pytest.mark.parametrize("wait", [3600, "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_wait_that_is_too_long_is_not_begun(openai_server: OpenAIServer, wait: str) -> None:
    openai_server.misbehaves("rate limited", retry_after=wait).answers(SAID)
    assert "(HTTP 429, rate_limit_exceeded)" in heard(Reply(model(), ASKED))[1]
    assert len(openai_server.requests) == 1


def test_who_leaves_during_a_wait_is_not_kept(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("rate limited", retry_after=15).answers(SAID)
    with pytest.raises(Abandoned):
        list(Reply(model(), ASKED, gone=lambda: bool(openai_server.requests)))
    assert len(openai_server.requests) == 1


def test_a_server_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with nobody_listens() as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        assert heard(Reply(model(), ASKED)) == ("", "openai:test cannot be reached")


@pytest.mark.parametrize("fault", ["wrong key", "forbidden", "unknown model"])
def test_what_a_setting_has_to_mend_is_an_error_that_names_it(
    openai_server: OpenAIServer, fault: str
) -> None:
    openai_server.misbehaves(fault)
    with pytest.raises(ModelError) as caught:
        list(Reply(model(), ASKED))
    assert not isinstance(caught.value, ModelFault)
    setting = "CITEWELL_MODEL" if fault == "unknown model" else "OPENAI_API_KEY"
    assert setting in str(caught.value)
    assert len(openai_server.requests) == 1


def test_a_key_that_cannot_be_sent_is_named(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "clé")
    with pytest.raises(ModelError, match="set OPENAI_API_KEY again") as caught:
        list(Reply(model(), ASKED))
    assert not isinstance(caught.value, ModelFault)


@pytest.mark.parametrize("fault", ["context overflow", "llama.cpp overflow"])
def test_too_much_to_read_is_told_apart(openai_server: OpenAIServer, fault: str) -> None:
    openai_server.misbehaves(fault)
    with pytest.raises(ContextOverflow):
        list(Reply(model(), ASKED))


def test_a_request_that_is_refused_is_a_fault(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("bad request")
    assert heard(Reply(model(), ASKED))[1] == "openai:test refused the request (HTTP 400)"


@pytest.mark.parametrize(("status", "requests"), [(402, 1), (418, 1), (408, 2), (409, 2)])
def test_a_refusal_is_told_by_its_status_and_tried_again_where_it_may_pass(
    openai_server: OpenAIServer, status: int, requests: int
) -> None:
    openai_server.misbehaves("bad request", retry_after=0, status=status).answers(SAID)
    why = "" if requests > 1 else f"openai:test refused the request (HTTP {status})"
    assert heard(Reply(model(), ASKED))[1] == why
    assert len(openai_server.requests) == requests


def test_more_than_a_server_takes_is_too_much_to_read(openai_server: OpenAIServer) -> None:
    openai_server.misbehaves("bad request", status=413)
    with pytest.raises(ContextOverflow):
        list(Reply(model(), ASKED))


def test_a_server_that_sends_round_in_circles_is_soon_left(openai_server: OpenAIServer) -> None:
    here = (("Location", f"{openai_server.url}/chat/completions"),)
    openai_server.misbehaves("bad request", status=307, headers=here)
    assert heard(Reply(model(), ASKED)) == ("", "openai:test cannot be reached")
    assert len(openai_server.requests) <= 3 * ATTEMPTS


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"silent", "stalled", "slow", "endless"}))
def test_no_message_or_log_shows_the_key_or_what_was_asked(
    openai_server: OpenAIServer, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    openai_server.misbehaves(fault, retry_after=60)
    try:
        message = heard(Reply(model(), ASKED))[1]
    except ModelError as error:
        message = str(error)
    for shown in (message, caplog.text):
        assert KEY not in shown
        assert "harbour opened" not in shown
        assert "\n" not in message
