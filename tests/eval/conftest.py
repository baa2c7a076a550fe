"""What tests of the command share."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.eval.running import Run, application


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder, with no settings but the library's place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CITEWELL_DATA", str(tmp_path / "library"))
    return lambda *arguments: CliRunner().invoke(application(), [str(one) for one in arguments])
