"""The command line, run whole against a library of its own."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import rag
from rag import __main__
from rag.cli import app, main
from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.openai_server import OpenAIServer, nobody_listens
from tests.processes import heed_ctrl_c

Run = Callable[..., tuple[int, str, str]]

TROOPS = "How many troops marched through Red Square?"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `citewell ARGS…` and gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CITEWELL_DATA", str(tmp_path / "library"))

    def run(*args: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["citewell", *map(str, args)])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), printed.out, printed.err

    return run


@pytest.fixture
def articles(tmp_path: Path, seeds: Path) -> Path:
    """A folder with two of the seeds, to change."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for seed in sorted(seeds.iterdir())[:2]:
        (folder / seed.name).write_bytes(seed.read_bytes())
    return folder


@pytest.fixture(scope="module")
def ingested(encoders: Encoders, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of what is in `articles`, to copy."""
    folder = tmp_path_factory.mktemp("ingested")
    with closing(open_service(Settings(data=folder), encoders)) as service:
        service.ingest(sorted(seeds.iterdir())[:2])
    return folder


@pytest.fixture
def library(ingested: Path, tmp_path: Path) -> None:
    """A library of a test's own that holds `articles`."""
    shutil.copytree(ingested, tmp_path / "library")


def test_a_name_with_line_breaks_and_escapes_stays_in_its_row(run: Run, tmp_path: Path) -> None:
    name = "two\nlines\x1b[2J.txt"
    folder = tmp_path / "named"
    folder.mkdir()
    (folder / name).write_text("The harbour of Lindau was opened in 1856.\n")
    (folder / "plain.txt").write_text("The harbour of Bregenz was opened in 1891.\n")
    assert run("ingest", folder)[:2] == (0, "2 added\n")
    first, second = run("sources")[1].splitlines()
    assert first.startswith("plain.txt            ")
    assert second.startswith(r"two\nlines\x1b[2J.txt  ")
    assert (
        r"    [1] two\nlines\x1b[2J.txt:1"
        in run("ask", "When was the harbour of Lindau opened?")[1]
    )
    assert run("remove", "two*")[:2] == (0, "removed two\\nlines\\x1b[2J.txt\n")


def test_an_answer_shows_the_quote_with_its_file_and_line(run: Run, articles: Path) -> None:
    assert run("ingest", articles)[:2] == (0, "2 added\n")
    code, out, _ = run("ask", TROOPS)
    assert code == 0
    assert "leading 11,000 troops in a march through Red Square. [1]" in out
    assert "[1] 000_8e5a7804937815d9.txt:7" in out
    assert "\x1b" not in out


@pytest.mark.usefixtures("library")
def test_json_is_the_answer_and_verify_holds_it_against_the_library(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    code, out, _ = run("ask", TROOPS, "--json")
    answer = json.loads(out)
    text = (articles / "000_8e5a7804937815d9.txt").read_text(encoding="utf-8")
    assert code == 0
    assert answer["citations"]
    for citation in answer["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]

    saved = tmp_path / "answer.json"
    saved.write_text(out, encoding="utf-8")
    assert run("verify", saved)[0] == 0
    answer["citations"][0]["start"] += 1
    saved.write_text(json.dumps(answer), encoding="utf-8")
    code, out, _ = run("verify", saved)
    assert code == 3
    assert "the quote is not at" in out


@pytest.mark.usefixtures("library")
def test_a_batch_gives_an_answer_a_line_in_order(run: Run) -> None:
    questions = [TROOPS, "Who won the football match?", "Who leads the UN delegation?"]
    code, out, _ = run("ask", "-", "--json", stdin="\n\n".join(questions) + "\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["question"] for answer in answers] == questions
    assert answers[1]["status"] == "refused"


@pytest.mark.usefixtures("library")
def test_a_batch_passes_over_what_cannot_be_asked_and_ends_with_exit_code_1(
    run: Run,
) -> None:
    code, out, err = run("ask", "-", "--json", stdin=f"???\n{TROOPS}\n{'x' * 3000}\n{TROOPS}\n")
    assert code == 1
    assert [json.loads(line)["question"] for line in out.splitlines()] == [TROOPS, TROOPS]
    empty, long = err.splitlines()
    assert empty.startswith("citewell: '???' is passed over: The question is empty")
    assert "is passed over: The question has 3000 characters" in long
    assert len(long) < 300


@pytest.mark.usefixtures("library")
def test_output_that_cannot_be_written_is_one_line_and_exit_code_1(
    run: Run, articles: Path
) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from rag.cli import main; main()", "sources"],
            cwd=Path(rag.__file__).parent.parent,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if one != "citewell: 2 articles"]
    assert line.startswith("citewell: The output cannot be written (No space left on device)")


@pytest.mark.usefixtures("library")
def test_sources_can_be_chosen_listed_and_removed(run: Run) -> None:
    code, out, _ = run("ask", TROOPS, "--source", "001*", "--json")
    assert code == 0
    assert all(c["source"].startswith("001") for c in json.loads(out)["citations"])
    assert len(json.loads(run("sources", "--json")[1])) == 2
    assert run("remove", "000*") == (0, "removed 000_8e5a7804937815d9.txt\n", "")
    code, out, err = run("sources")
    assert (code, err) == (0, "citewell: 1 article\n")
    assert out.startswith("001_52f6e5d4a7971870.txt")


def test_ingest_says_what_became_of_each_file(run: Run, articles: Path) -> None:
    run("ingest", articles)
    first, second = sorted(articles.iterdir())
    first.write_text("The bridge cost 4.5 million.", encoding="utf-8")
    second.unlink()
    (articles / "broken.txt").write_bytes(b"\x93\xfa \xe9")
    code, out, err = run("ingest", articles, "--prune")
    assert (code, out) == (1, "1 changed, 1 removed\n")
    assert "broken.txt" in err
    assert err.count("\n") == 1
    assert run("ingest", first)[1] == "1 unchanged\n"


@pytest.mark.usefixtures("library")
def test_status_tells_counts_and_that_index_and_library_agree(run: Run, articles: Path) -> None:
    code, out, _ = run("status", "--json")
    status = json.loads(out)
    assert code == 0
    assert status["articles"] == 2
    assert status["level"]
    assert status["chunks"] == status["indexed"] > 0
    assert "agrees with the library" in run("status")[1]


@pytest.mark.usefixtures("library")
def test_a_library_is_exported_to_one_file_and_imported_from_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = json.loads(run("ask", TROOPS, "--json")[1])
    code, out, err = run("export", "backup.zip")
    assert (code, out) == (0, "")
    assert "citewell import backup.zip" in err
    assert run("import", "backup.zip")[0] == 1
    monkeypatch.setenv("CITEWELL_DATA", str(tmp_path / "new"))
    assert run("import", "backup.zip")[:2] == (0, "2 imported\n")
    assert run("status")[0] == 0
    assert json.loads(run("ask", TROOPS, "--json")[1])["citations"] == asked["citations"]


@pytest.mark.usefixtures("library")
def test_a_library_is_exported_though_the_chroma_server_is_away(
    run: Run, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody_listens() as url:
        monkeypatch.setenv("CITEWELL_CHROMA_URL", url.removesuffix("/v1"))
        code, out, err = run("export", "backup.zip")
    assert (code, out) == (0, "")
    assert err.startswith("citewell: 2 articles are in backup.zip")
    assert Path("backup.zip").exists()


@pytest.mark.usefixtures("library")
def test_status_finds_a_library_that_is_damaged(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "library" / "library.sqlite3"
    content = bytearray(file.read_bytes())
    content[8192 : len(content) // 2] = b"x" * (len(content) // 2 - 8192)
    file.write_bytes(content)
    code, _, err = run("status")
    assert code == 1
    assert "is damaged" in err
    assert "citewell import" in err


def test_an_interrupted_ingest_says_so_in_one_line_and_the_next_goes_on(
    run: Run, seeds: Path, tmp_path: Path
) -> None:
    articles = tmp_path / "many"
    articles.mkdir()
    for n in range(40):
        for seed in seeds.iterdir():
            (articles / f"{n}-{seed.name}").write_text(f"Report {n}\n\n{seed.read_text('utf-8')}")
    child = subprocess.Popen(
        [sys.executable, "-c", "from rag.cli import main; main()", "ingest", str(articles)],
        cwd=Path(rag.__file__).parent.parent,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    while not (tmp_path / "library" / "writer.pid").exists() and child.poll() is None:
        time.sleep(0.05)
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate()
    assert child.returncode == 130
    assert (
        err == "citewell: Interrupted: what is in stays, and the same command goes on from there\n"
    )
    assert run("status")[0] == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("ingest", "missing"), "missing does not exist"),
        (("ingest", "missing", "--prune"), "missing does not exist"),
        (("ingest", "."), "holds no articles"),
        (("ask", TROOPS), "The library is empty"),
        (("ask", "   "), "The question is empty"),
        (("ask", TROOPS, "--model", "nonsense"), "CITEWELL_MODEL"),
        (("remove", "nothing"), "No source matches 'nothing'"),
        (("verify", "missing.json"), "missing.json cannot be read"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_1(
    run: Run, args: tuple[str, ...], message: str
) -> None:
    code, out, err = run(*args)
    assert (code, out) == (1, "")
    assert message in err
    assert err.startswith("citewell: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "args", [("nonsense",), ("ask",), ("ask", "x", "--nonsense"), ("ingest", "a.txt", "--prune")]
)
def test_wrong_usage_is_exit_code_2(run: Run, args: tuple[str, ...]) -> None:
    Path("a.txt").write_text("A file is no folder.")
    assert run(*args)[0] == 2


def test_an_unknown_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_DATTA", "x")
    code, _, err = run("sources")
    assert code == 1
    assert "Unknown setting CITEWELL_DATTA" in err


def test_what_would_steer_a_terminal_is_shown_inert(run: Run, tmp_path: Path) -> None:
    article = tmp_path / "hostile.txt"
    article.write_text(
        "The bridge cost 4.5 million \x1b[31mdollars\x1b[0m.\u202e", encoding="utf-8"
    )
    run("ingest", article)
    out = run("ask", "What did the bridge cost?")[1]
    assert "4.5 million" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_help_needs_no_library_and_no_models(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for command in ("ingest", "ask", "verify", "sources", "remove", "status", "serve", "eval"):
        assert command in out
    assert not (tmp_path / "library").exists()


SAID = (
    "Oleg Salyukov led 11,000 troops in a march through Red Square. [1] Penguins bought bicycles."
)


@pytest.mark.usefixtures("library")
def test_a_model_writes_the_answer_and_only_what_is_borne_out_is_shown(
    run: Run, openai_server: OpenAIServer
) -> None:
    openai_server.answers(SAID)
    code, out, err = run("ask", TROOPS, "--model", "openai:test")
    assert (code, err) == (0, "")
    assert "Oleg Salyukov led 11,000 troops in a march through Red Square. [1]" in out
    assert "“The parade officially began with Oleg Salyukov" in out
    assert "Penguins" not in out
    answer = json.loads(run("ask", TROOPS, "--model", "openai:test", "--json")[1])
    assert (answer["model"], answer["degraded"]) == ("openai:test", None)
    assert answer["usage"] == {"input_tokens": 120, "output_tokens": 30}
    assert [one["text"] for one in answer["dropped"]] == ["Penguins bought bicycles."]


@pytest.mark.usefixtures("library")
def test_where_the_model_fails_quotes_answer_and_standard_error_says_why(
    run: Run, openai_server: OpenAIServer
) -> None:
    openai_server.misbehaves("empty")
    code, out, err = run("ask", TROOPS, "--model", "openai:test")
    assert code == 0
    assert "leading 11,000 troops" in out
    assert err == "citewell: openai:test gave an empty answer: quotes answer in its place\n"


@pytest.mark.usefixtures("library")
def test_a_key_that_is_refused_is_one_line_and_exit_code_1(
    run: Run, openai_server: OpenAIServer
) -> None:
    openai_server.misbehaves("wrong key")
    code, out, err = run("ask", TROOPS, "--model", "openai:test")
    assert (code, out) == (1, "")
    assert err == (
        "citewell: openai:test refused the key: set OPENAI_API_KEY to one that it takes\n"
    )


@pytest.mark.usefixtures("library")
def test_the_key_may_stand_in_dotenv(
    run: Run, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_server.answers(SAID)
    url = os.environ["OPENAI_BASE_URL"]
    # Set and taken away again: so that what `.env` sets is taken away after the test.
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CITEWELL_MODEL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    Path(".env").write_text(
        f"OPENAI_API_KEY=sk-from-dotenv\nOPENAI_BASE_URL={url}\nCITEWELL_MODEL=openai:test\n"
    )
    assert json.loads(run("ask", TROOPS, "--json")[1])["model"] == "openai:test"
    assert openai_server.requests[0].headers["authorization"] == "Bearer sk-from-dotenv"


def in_a_shell(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own, its streams redirected as the shell is told."""
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m rag {command}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["ask -", "check -", "chat"])
def test_where_standard_input_is_closed_that_is_said(tmp_path: Path, command: str) -> None:
    done = in_a_shell(f"{command} <&-", tmp_path)
    said = "citewell: Standard input is closed: pipe the lines in\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


@pytest.mark.parametrize("command", ["sources", "sources --json", "status --json"])
def test_where_standard_output_is_closed_no_more_than_that_is_lost(
    tmp_path: Path, command: str
) -> None:
    done = in_a_shell(f"{command} >&-", tmp_path)
    assert done.returncode == 0
    assert all(line.startswith("citewell: ") for line in done.stderr.splitlines())


def test_a_working_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f"mkdir gone; cd gone; rmdir ../gone; exec {sys.executable} -m rag sources",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "citewell: The working folder is gone: change to another" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dotenv_that_cannot_be_read_is_named(run: Run) -> None:
    Path(".env").symlink_to("/proc/self/mem")  # which nobody can read from its beginning
    code, out, err = run("sources")
    assert (code, out) == (1, "")
    assert err.startswith("citewell: .env cannot be read (Input/output error): correct its")


def test_an_empty_path_is_not_the_working_folder(run: Run, articles: Path) -> None:
    code, _, err = run("ingest", "")
    assert code == 2
    assert "An empty path: name a file or folder" in err
    assert run("sources") == (0, "", "citewell: 0 articles\n")


def test_what_cannot_be_read_is_for_the_command_to_say() -> None:
    """Click would call it wrong usage."""
    for command in entry_points(group="citewell.commands"):
        app.command(command.name)(command.load())
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    named = [
        vars(param)["type_descriptor"] for one in group.commands.values() for param in one.params
    ]
    paths = [one.parameter_info for one in named if "Path" in str(one.annotation)]
    assert len(paths) > 8
    assert not any(one.readable and not one.parser for one in paths)


def test_interrupted_while_it_imports_it_ends_as_it_does_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.cli.main", interrupted)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130
