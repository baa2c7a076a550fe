"""The server that stands in for OpenAI's does what it is told, as the openai client sees it."""

import openai
import pytest

from tests.openai_server import KEY, OpenAIServer, Reply


def stream(server: OpenAIServer, client: openai.OpenAI) -> str:
    chunks = client.chat.completions.create(
        model="test", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@pytest.fixture
def client(openai_server: OpenAIServer) -> openai.OpenAI:
    return openai.OpenAI(max_retries=0, timeout=10)


def test_a_script_is_told_in_order_and_its_end_repeated(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.answers("One é.", Reply("Two."), lambda request: request.prompt + "!")
    assert [stream(openai_server, client) for _ in range(4)] == ["One é.", "Two.", "Hi!", "Hi!"]
    whole = client.chat.completions.create(
        model="test", messages=[{"role": "user", "content": "Ho"}]
    )
    assert whole.choices[0].message.content == "Ho!"
    assert whole.usage
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (120, 30)
    assert [request.prompt for request in openai_server.requests] == ["Hi"] * 4 + ["Ho"]
    assert openai_server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert [model.id for model in client.models.list()] == ["test"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("wrong key", openai.AuthenticationError),
        ("unknown model", openai.NotFoundError),
        ("rate limited", openai.RateLimitError),
        ("broken", openai.InternalServerError),
        ("cut", openai.APIConnectionError),
        ("malformed", ValueError),
    ],
)
def test_it_misbehaves_as_told(
    openai_server: OpenAIServer, client: openai.OpenAI, fault: str, error: type[Exception]
) -> None:
    openai_server.misbehaves(fault).answers("Well again.")
    with pytest.raises(error):
        stream(openai_server, client)
    assert stream(openai_server, client) == "Well again."


def test_a_client_that_hangs_up_is_noticed(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.misbehaves("stalled").answers("Whole.")
    with client.chat.completions.create(
        model="test", messages=[{"role": "user", "content": "Hi"}], stream=True
    ) as chunks:
        next(iter(chunks))
        assert not openai_server.saw_hang_up(0)
    assert openai_server.saw_hang_up()
    assert stream(openai_server, client) == "Whole."
    assert not openai_server.saw_hang_up(0)
