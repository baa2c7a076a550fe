"""Which chat model answers, and what is said of one that cannot be opened."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import SettingsError
from rag.models import EXTRACTIVE, Limits, Models
from rag.models.opening import AUTO_MODEL, CONTEXT_TOKENS
from tests.openai_server import KEY, OpenAIServer

MODELS = Models("auto")


def opened(models: Models, name: str | None = None) -> tuple[str, int]:
    found = models.open(name)
    assert found
    return found.id, found.context_tokens


def test_auto_is_quotes_without_a_key_and_openai_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert Models("auto").open() is None
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert opened(Models("auto"))[0] == AUTO_MODEL


def test_quotes_can_be_asked_for_and_any_model(openai_server: OpenAIServer) -> None:
    models = Models("openai:test")
    assert models.open(EXTRACTIVE) is None
    assert opened(models)[0] == "openai:test"
    assert opened(models, "openai:org/other-model:8b")[0] == "openai:org/other-model:8b"
    assert opened(models, "auto")[0] == AUTO_MODEL


def test_a_model_is_opened_once_however_many_ask(openai_server: OpenAIServer) -> None:
    models = Models("openai:test")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: models.open(), range(16)))
    assert len({id(one) for one in found}) == 1
    assert models.open("openai:other") is not found[0]


def test_a_model_reads_what_langchain_knows_unless_it_is_set(openai_server: OpenAIServer) -> None:
    assert opened(Models("openai:gpt-4o-mini"))[1] == 128_000
    assert opened(Models("openai:test"))[1] == CONTEXT_TOKENS
    assert opened(Models("openai:gpt-4o-mini", context_tokens=2000))[1] == 2000


def test_a_server_of_ones_own_takes_any_key(openai_server: OpenAIServer) -> None:
    found = Models("openai:test", limits=Limits(5, 9)).open()
    assert found
    assert found.limits == Limits(5, 9)
    openai_server.answers("Yes.")
    assert found.chat.invoke("Hello").text == "Yes."


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gpt", "PROVIDER:NAME"),
        ("AUTO", "auto, extractive, or PROVIDER:NAME such as openai:gpt-5-mini"),
        ("openai:", "PROVIDER:NAME"),
        ("", "PROVIDER:NAME"),
        ("nobody:gpt", "Unable to infer model provider"),
        ("anthropic:claude-opus-4-7", "pip install langchain-anthropic"),
        ("openai:test", "OPENAI_API_KEY is not set"),
    ],
)
def test_a_model_that_cannot_be_opened_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError) as caught:
        MODELS.open(name)
    message = str(caught.value)
    assert says in message
    assert "CITEWELL_MODEL" in message
    assert "\n" not in message
    with pytest.raises(SettingsError, match="CITEWELL_JUDGE"):
        MODELS.open(name, setting="CITEWELL_JUDGE")
    assert len(message) < 400


def test_no_client_is_imported_before_a_model_is_opened() -> None:
    code = (
        "import sys, rag.models; rag.models.Models('extractive').open();"
        "print([name for name in ('openai', 'langchain_openai', 'tiktoken', 'langchain')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
