"""Settings: where each comes from, and what is said of one that is unknown or unusable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.settings import Settings, load_settings, share_dotenv

KEYS = "first-secret, second-secret,,"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings, in a folder without .env."""
    for name in os.environ:
        if name.upper().startswith("CITEWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def dotenv(content: str | bytes) -> None:
    Path(".env").write_bytes(content.encode() if isinstance(content, str) else content)


def refusal() -> str:
    """What the user is told: one line."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_with_nothing_set_the_defaults_need_no_key() -> None:
    found = load_settings()
    assert found.data == Path(".citewell")
    assert (found.model, found.embeddings, found.api_keys) == ("auto", "bundled", ())


EACH = pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("data", "elsewhere/my library", Path("elsewhere/my library")),
        ("model", "openai:gpt-5-mini", "openai:gpt-5-mini"),
        ("embeddings", "openai:text-embedding-3-small", "openai:text-embedding-3-small"),
        ("judge", "same", "same"),
        ("evidence", "someone/nli", "someone/nli"),
        ("first_token_seconds", "2.5", 2.5),
        ("answer_seconds", "60", 60.0),
        ("context_tokens", "8192", 8192),
        ("chroma_url", "http://localhost:8001", "http://localhost:8001"),
        ("rate_limit", "60", 60),
        (
            "cors_origins",
            "http://one.test, http://two.test/",
            ("http://one.test", "http://two.test"),
        ),
        ("api_keys", KEYS, ("first-secret", "second-secret")),
    ],
)


@EACH
def test_a_setting_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    monkeypatch.setenv(f"CITEWELL_{name.upper()}", value)
    assert getattr(load_settings(), name) == expected


@EACH
def test_a_setting_comes_from_dotenv(name: str, value: str, expected: object) -> None:
    dotenv(f'# mine\nexport CITEWELL_{name.upper()}="{value}"\n')
    assert getattr(load_settings(), name) == expected


def test_every_setting_is_tried_above() -> None:
    seconds = {"first_token_seconds", "answer_seconds"}
    others = {"data", "model", "context_tokens", "embeddings", "api_keys", "judge", "evidence"}
    serving = {"chroma_url", "rate_limit", "cors_origins"}
    assert seconds | others | serving == set(Settings.model_fields)


def test_the_environment_goes_before_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv("CITEWELL_DATA=one\nCITEWELL_MODEL=extractive\n")
    monkeypatch.setenv("CITEWELL_DATA", "two")
    found = load_settings()
    assert (found.data, found.model) == (Path("two"), "extractive")


def test_what_is_given_goes_before_both_unless_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv("CITEWELL_DATA=one\n")
    monkeypatch.setenv("CITEWELL_EMBEDDINGS", "openai:a")
    found = load_settings(model="extractive", data=None, embeddings="openai:b")
    assert (found.data, found.model) == (Path("one"), "extractive")
    assert found.embeddings == "openai:b"


def test_dotenv_may_hold_what_is_none_of_ours() -> None:
    dotenv("OPENAI_API_KEY=sk-1\nDATA=one\nMY_CITEWELL_DATA=two\n")
    assert load_settings().data == Path(".citewell")


def test_an_unknown_setting_is_named_beside_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CITEWELL_DATAA", "one")
    dotenv("CITEWELL_MODELL=auto\nCITEWELL_MODEL=auto\n")
    message = refusal()
    unknown, known = message.split(":")
    assert "CITEWELL_DATAA" in unknown
    assert "CITEWELL_MODELL" in unknown
    for name in Settings.model_fields:
        assert f"CITEWELL_{name.upper()}" in known


def test_an_unknown_setting_is_no_less_unknown_in_lower_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("citewell_colour", "blue")
    assert "citewell_colour" in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRST_TOKEN_SECONDS", "soon"),
        ("FIRST_TOKEN_SECONDS", "0"),
        ("ANSWER_SECONDS", "-1"),
        ("ANSWER_SECONDS", "nan"),
        ("ANSWER_SECONDS", "inf"),
        ("CONTEXT_TOKENS", "12"),
        ("CONTEXT_TOKENS", "many"),
    ],
)
def test_a_bad_value_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CITEWELL_{name}", value)
    message = refusal()
    assert message.startswith(f"CITEWELL_{name}: ")
    assert "should be" in message
    assert "README.md" in message


def test_the_folder_may_be_named_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    dotenv('CITEWELL_DATA="~/my library"\n')
    assert load_settings().data == tmp_path / "my library"


@pytest.mark.parametrize("key", ["clé-secret", "two secrets", "secret\u200b", "secret\t1"])
def test_a_key_that_no_client_could_send_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("CITEWELL_API_KEYS", f"first-secret, {key}")
    message = refusal()
    assert message.startswith("CITEWELL_API_KEYS: ")
    assert "characters of ASCII, without spaces" in message
    assert "secret" not in message


@pytest.mark.parametrize("origin", ["example.org", "https://one.test/page", "https://a b.test"])
def test_an_origin_that_no_page_has_is_refused(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    monkeypatch.setenv("CITEWELL_CORS_ORIGINS", f"https://one.test, {origin}")
    assert refusal().startswith("CITEWELL_CORS_ORIGINS: ")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_an_empty_setting_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    default = getattr(load_settings(), name)
    monkeypatch.setenv(f"CITEWELL_{name.upper()}", "")
    assert getattr(load_settings(), name) == default


@pytest.mark.parametrize("broken", ["foo bar", 'CITEWELL_DATA="unclosed', "=extractive"])
def test_a_line_of_dotenv_that_sets_nothing_is_named(broken: str) -> None:
    dotenv(f"# mine\nCITEWELL_MODEL=extractive\n\n{broken}\nMY_NAME=x\n")
    with pytest.raises(SettingsError, match=r"\.env, line 4, .*: correct or remove it"):
        share_dotenv()


def test_a_dotenv_in_another_encoding_is_refused_with_the_next_step() -> None:
    dotenv("CITEWELL_DATA=caf\xe9\n".encode("latin-1"))
    assert refusal().endswith("save it as UTF-8")


def test_keys_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_API_KEYS", KEYS)
    found = load_settings()
    assert "secret" not in repr(found)
    assert "secret" not in str(found)
    monkeypatch.setenv("CITEWELL_ANSWER_SECONDS", "long")
    assert "secret" not in refusal()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().model = "extractive"  # type: ignore[misc]


def test_nothing_is_read_at_import() -> None:
    dotenv("CITEWELL_MODEL=extractive\n")
    code = (
        "import os, sys; opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "import rag.settings, rag.service\n"
        "assert not [name for name in opened if name.endswith('.env')], opened\n"
        "os.environ['CITEWELL_DATA'] = 'set after the import'\n"
        "print(rag.settings.load_settings().data)\n"
        "assert [name for name in opened if name.endswith('.env')]\n"
    )
    root = str(Path(__file__).parents[2])
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert (found.stdout.strip(), found.stderr) == ("set after the import", "")
