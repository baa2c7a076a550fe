"""An id -> the chat model of that name, opened once."""

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import SettingsError
from rag.models.line import attach
from rag.segmentation import flat

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

AUTO = "auto"
EXTRACTIVE = "extractive"

AUTO_MODEL = "openai:gpt-5-mini"
"""What `auto` stands for where OPENAI_API_KEY is set."""

CONTEXT_TOKENS = 4096
"""Tokens that a model is taken to read where neither LangChain nor a setting knows better: what
llama.cpp and Ollama give a model unless they are told."""

_CONNECT_SECONDS = 10.0
_REDIRECTS = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a model may be silent, before its first token or between two, and that its
    whole reply may take."""

    first_token: float = 30.0
    answer: float = 120.0


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A LangChain chat model, its id, the tokens that prompt and answer may have together, and how
    long it may take."""

    id: str
    chat: "BaseChatModel"
    context_tokens: int
    limits: Limits


class Models:
    """Opens chat models by id, each once; may be used by many threads."""

    def __init__(
        self,
        default: str = AUTO,
        context_tokens: int | None = None,
        limits: Limits = Limits(),
    ) -> None:
        """What is set: the model, the tokens that each is taken to read, how long it may take."""
        self._default = default
        self._context_tokens = context_tokens
        self._limits = limits
        self._open: dict[str, ChatModel] = {}
        self._lock = threading.Lock()

    def open(self, name: str | None = None, setting: str = "CITEWELL_MODEL") -> ChatModel | None:
        """The model `name`, or the one that is set; None where quotes are to answer.

        Raises SettingsError, which names the `setting` to mend, for an id that LangChain does not
        know or cannot set up.
        """
        id_ = _resolved(self._default if name is None else name)
        if id_ == EXTRACTIVE:
            return None
        with self._lock:
            if id_ not in self._open:
                chat = _opened(id_, self._limits, setting)
                context = self._context_tokens or _context(chat)
                self._open[id_] = ChatModel(id_, chat, context, self._limits)
            return self._open[id_]


def _resolved(name: str) -> str:
    if name == AUTO:
        return AUTO_MODEL if os.environ.get("OPENAI_API_KEY") else EXTRACTIVE
    return name


def _opened(id_: str, limits: Limits, setting: str) -> "BaseChatModel":
    provider, _, model = id_.partition(":")
    if not provider or not model:
        raise SettingsError(
            f"The model {id_!r} is not known: set {setting} to auto, extractive, or "
            f"PROVIDER:NAME such as {AUTO_MODEL}"
        )
    from langchain.chat_models import init_chat_model

    try:
        chat: BaseChatModel = init_chat_model(id_, **_options(provider, limits))
    except ImportError as error:
        raise _unusable(id_, flat(str(error)), setting) from error
    except ValueError as error:
        # Its message goes on with what was passed in, and with a list of every provider.
        raise _unusable(id_, flat(str(error).split("\n")[0]), setting) from error
    except Exception as error:  # each provider has exceptions of its own for a missing key
        raise _unusable(id_, _missing_key(provider, error), setting) from error
    return chat


def _unusable(id_: str, reason: str, setting: str) -> SettingsError:
    return SettingsError(
        f"The model {id_} cannot be used ({reason.rstrip('.')}): mend that, or set "
        f"{setting} to extractive or to another id such as {AUTO_MODEL}"
    )


def _missing_key(provider: str, error: Exception) -> str:
    if provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
        return "OPENAI_API_KEY is not set; a server of your own takes any value"
    return f"{type(error).__name__} while it was set up, as without a key"


def _options(provider: str, limits: Limits) -> dict[str, Any]:
    """How the providers that speak OpenAI's protocol are to do so; others are left as they are."""
    if provider not in ("openai", "azure_openai"):
        return {}
    import openai

    return {
        "use_responses_api": False,
        "stream_usage": True,
        "max_retries": 0,  # Reply tries again itself, within its deadlines
        "timeout": openai.Timeout(limits.answer, connect=min(_CONNECT_SECONDS, limits.answer)),
        "http_client": openai.DefaultHttpxClient(
            event_hooks={"request": [attach]}, max_redirects=_REDIRECTS
        ),
        # A connection of its own for each reply, so that cutting one cuts no other.
        "default_headers": {"Connection": "close"},
    }


def _context(chat: "BaseChatModel") -> int:
    profile = chat.profile or {}
    return int(profile.get("max_input_tokens") or CONTEXT_TOKENS)
