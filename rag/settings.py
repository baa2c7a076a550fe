"""Settings from the environment and `.env`, prefix `CITEWELL_`."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rag.errors import SettingsError

PREFIX = "CITEWELL_"
_ENV_FILE = ".env"


class Settings(BaseSettings):
    """What can be set; `load_settings` makes one and explains what is wrong."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        env_ignore_empty=True,
        frozen=True,
    )

    data: Path = Path(".citewell")
    """The library's folder."""

    model: str = "auto"
    """Who answers: `auto` (OpenAI where OPENAI_API_KEY is set, else `extractive`), `extractive`, or
    any LangChain chat model id such as `openai:gpt-5-mini`."""

    first_token_seconds: float = Field(default=30.0, gt=0, le=3600, allow_inf_nan=False)
    """How long a chat model may be silent, before its first token or between two."""

    answer_seconds: float = Field(default=120.0, gt=0, le=3600, allow_inf_nan=False)
    """How long a chat model's whole answer may take."""

    context_tokens: int | None = Field(default=None, ge=1024)
    """Tokens that a chat model can read; None: what LangChain knows of it, else 4096."""

    embeddings: str = "bundled"
    """`bundled`, or a LangChain embeddings id such as `openai:text-embedding-3-small`."""

    judge: str = ""
    """Asked about sentences that the evidence leaves open: nobody, `same` (the model that answers)
    or a chat model id."""

    evidence: str = "bundled"
    """`bundled`, or the hub id of an ONNX entailment model."""

    chroma_url: str = ""
    """A Chroma server, such as http://localhost:8001; empty: embedded, beside the library."""

    api_keys: Annotated[tuple[str, ...], NoDecode] = Field(default=(), repr=False)
    """Bearer keys of the HTTP service, comma-separated; none: no auth, loopback only."""

    rate_limit: int | None = Field(default=None, ge=1)
    """Requests a minute that a key, or an address, may make over HTTP; empty: any number."""

    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may ask over HTTP from a browser, comma-separated; empty: none."""

    @field_validator("api_keys", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(filter(None, map(str.strip, value.split(","))))
            if isinstance(value, str)
            else value
        )

    @field_validator("api_keys")
    @classmethod
    def _sendable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[!-~]+", key) for key in value):
            raise ValueError("must be of the printable characters of ASCII, without spaces")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin.removesuffix("/") for origin in value)
        if not all(re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[^/\s@?#]+", one) for one in origins):
            raise ValueError("must be * or origins such as https://example.org, without a path")
        return origins

    @field_validator("data")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        try:
            return value.expanduser()
        except RuntimeError as error:
            raise ValueError(f"{value} is nobody's home") from error

    @field_validator("chroma_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s@?#]+/?", value):
            raise ValueError("must be http:// or https:// with a host, and a port if need be")
        return value


def load_settings(**given: str | None) -> Settings:
    """Read the environment and `.env`; what is `given` and not None takes their place.

    Raises SettingsError naming every setting that is unknown or has no usable value.
    """
    try:
        _refuse_unknown()
        return Settings.model_validate(
            Settings().model_dump() | {k: v for k, v in given.items() if v is not None}
        )
    except ValidationError as error:
        problems = "; ".join(
            PREFIX + str(problem["loc"][0]).upper() + ": " + problem["msg"]
            for problem in error.errors(include_url=False)
        )
        raise SettingsError(f"{problems} (see the settings in README.md)") from error
    except (UnicodeDecodeError, OSError) as error:
        raise _unreadable(error) from error


def share_dotenv() -> None:
    """Put what `.env` holds for other packages, such as OPENAI_API_KEY, into the environment, whose
    own values stay. Raises SettingsError, also for a line that sets nothing."""
    from dotenv import load_dotenv
    from dotenv.parser import parse_stream

    try:
        with open(_ENV_FILE, encoding="utf-8") as lines:
            broken = next((one.original for one in parse_stream(lines) if one.error), None)
        if broken:
            at = broken.line + broken.string[: -len(broken.string.lstrip())].count("\n")
            raise SettingsError(f"{_ENV_FILE}, line {at}, is no NAME=value: correct or remove it")
        load_dotenv(_ENV_FILE)
    except (UnicodeDecodeError, OSError) as error:
        raise _unreadable(error) from error


def _refuse_unknown() -> None:
    from dotenv import dotenv_values

    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = [*os.environ, *dotenv_values(_ENV_FILE)]
    unknown = sorted({n for n in named if n.upper().startswith(PREFIX) and n.upper() not in known})
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(unknown)}: there are {', '.join(sorted(known))}"
        )


def _unreadable(error: UnicodeDecodeError | OSError) -> SettingsError:
    if isinstance(error, UnicodeDecodeError):
        return SettingsError(f"{_ENV_FILE} is not UTF-8 text: save it as UTF-8")
    return SettingsError(
        f"{_ENV_FILE} cannot be read ({error.strerror}): correct its permissions, or work in "
        "another folder"
    )
