"""`citewell check` and `citewell chat`, from a pipe and in a real terminal."""

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.chat import HISTORY
from rag.cli import main
from rag.service import Service
from tests.openai_server import OpenAIServer, Reply

Run = Callable[..., tuple[int, str, str]]

LED = "Oleg Salyukov led 11,000 troops in a march through Red Square."
TROOPS = "How many troops marched through Red Square?"


@pytest.fixture
def run(
    seeds_service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `citewell ARGS…` on the seeds and gives exit code, standard output and error."""
    monkeypatch.setenv("CITEWELL_DATA", str(seeds_service.library.folder))

    def run(*args: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["citewell", *args])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), printed.out, printed.err

    return run


def test_each_sentence_is_marked_with_its_quote_or_what_is_missing(run: Run) -> None:
    code, out, _ = run("check", f"{LED} The Louvre sells \x1b[31mbicycles to penguins.")
    first, second = out.split("\nnot supported ")
    assert code == 0
    assert first.startswith("supported")
    assert "000_8e5a7804937815d9.txt:7" in first
    assert "leading 11,000 troops" in first
    assert "nearest:" in second
    assert "\x1b" not in out


def test_checks_as_json_are_one_a_line_also_from_standard_input(run: Run) -> None:
    code, out, _ = run("check", "-", "--json", stdin=f"{LED}\n\nThe Louvre is shut. It rains.\n")
    checks = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["claim"] for one in checks] == [LED, "The Louvre is shut.", "It rains."]
    assert [one["supported"] for one in checks] == [True, False, False]
    assert checks[0]["reason"] is None
    assert all(one["reason"] for one in checks[1:])


def test_a_line_that_cannot_be_checked_is_named_and_passed_over(run: Run) -> None:
    code, out, err = run(
        "check", "-", "--json", stdin=f"{LED}\nhttps://example.org/\n\ufeff{LED}\n"
    )
    assert code == 1
    assert [json.loads(line)["claim"] for line in out.splitlines()] == [LED, LED]
    assert err == (
        "citewell: 'https://example.org/' is passed over: "
        "There is no sentence to check: write a statement\n"
    )


def test_a_check_of_bytes_that_are_no_text_is_one_line_and_exit_code_1(run: Run) -> None:
    code, out, err = run("check", os.fsdecode(b"The caf\xe9 opened."))
    assert (code, out) == (1, "")
    assert err.startswith("citewell: ")
    assert "type it as UTF-8" in err
    assert err.count("\n") == 1


def test_from_a_pipe_each_answer_is_one_line_and_follow_ups_are_understood(run: Run) -> None:
    lines = ["Did Putin and Kim meet in Beijing?", "How long did they talk?", "/new", "And why?"]
    code, out, err = run("chat", "--model", "extractive", stdin="\n".join(lines))
    answers = out.splitlines()
    assert code == 0
    assert len(answers) == 3
    assert "three-hour meeting" in answers[1]
    assert "a new conversation" in err


def test_commands_are_told_apart_and_unknown_ones_named(run: Run) -> None:
    code, out, err = run("chat", stdin="/sources\n/nonsense now\n/help\n/quit\nWho came?\n")
    assert code == 0
    assert out.startswith("000_8e5a7804937815d9.txt")
    assert "/quit" in out
    assert "no command /nonsense" in err
    assert "Who came" not in out


def test_a_question_that_cannot_be_used_does_not_end_a_conversation(run: Run) -> None:
    code, out, err = run("chat", stdin="???\n" + TROOPS + "\n")
    assert code == 1
    assert "The question is empty" in err
    assert "11,000 troops" in out


def test_a_terminal_conversation_survives_ctrl_c_and_keeps_its_history(
    seeds_service: Service, openai_server: OpenAIServer
) -> None:
    openai_server.answers(Reply(pieces=("The", "n"), stall_after=1), f"{LED} [1]")
    environment = os.environ | {
        "CITEWELL_DATA": str(seeds_service.library.folder),
        "CITEWELL_MODEL": "openai:test",
        "TERM": "xterm-256color",
    }
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", "from rag.cli import main; main()", "chat"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    terminal = _Terminal(ours)
    try:
        terminal.wait("›")
        terminal.type("half a ques\x03")
        terminal.type(f"{TROOPS}\r")
        while not openai_server.requests:
            time.sleep(0.05)
        terminal.type("\x03")
        terminal.wait("abandoned")
        terminal.wait("›")
        terminal.type("\x1b[A\r")  # the question again, from the history
        terminal.wait("[1] 000_8e5a7804937815d9.txt:7")
        terminal.wait("confidence")
        terminal.wait("›")
        terminal.type("\x04")
        terminal.wait_for_end()
        assert child.wait(timeout=60) == 0
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    assert TROOPS in (seeds_service.library.folder / HISTORY).read_text(encoding="utf-8")


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class _Terminal:
    """The other end of a pseudo-terminal."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._seen = ""

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def wait(self, for_what: str, seconds: float = 120) -> None:
        """Read until the screen shows it, and forget what came before."""
        until = time.monotonic() + seconds
        while for_what not in self._seen:
            assert time.monotonic() < until, self._seen
            assert self._read(), self._seen
        self._seen = self._seen.split(for_what, 1)[1]

    def wait_for_end(self) -> None:
        while self._read():
            pass

    def _read(self) -> bool:
        readable, _, _ = select.select([self._end], [], [], 1)
        if not readable:
            return True
        try:
            said = os.read(self._end, 65536).decode(errors="replace")
        except OSError:  # the child closed it
            return False
        if "\x1b[6n" in said:
            self.type("\x1b[1;1R")
        self._seen += said
        return bool(said)
