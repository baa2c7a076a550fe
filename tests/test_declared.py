"""What pyproject.toml asks for is what the code imports."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("rag", "api", "eval", "prompts")
TO_FIT_MODELS = {"onnx", "torch"}
"""Installed by hand when the shipped models are fitted anew."""


def imported(*packages: str) -> set[str]:
    """The top-level modules of others that the code of these packages imports."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for package in packages
        for path in (ROOT / package).rglob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    ours = {*PACKAGES, "tests", "__future__", *sys.stdlib_module_names}
    return {name.partition(".")[0] for name in names} - ours


def named(requirements: Iterable[str]) -> set[str]:
    """The names of the distributions that these requirements ask for."""
    return {re.split(r"[^\w.-]", one)[0].lower().replace("_", "-") for one in requirements}


def distributions(modules: set[str]) -> set[str]:
    """The distributions that bring these modules."""
    bring = packages_distributions()
    return named(bring[module][0] for module in modules)


@pytest.mark.parametrize(("packages", "group"), [(PACKAGES, None), (("tests",), "dev")])
def test_all_that_is_imported_is_declared(packages: tuple[str, ...], group: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = named(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        declared |= named(extra)
    if group:
        declared |= named(project["dependency-groups"][group])
    found = imported(*packages)
    assert len(found) > 5
    assert distributions(found - TO_FIT_MODELS) - declared == set()


def test_what_the_server_speaks_http_with_is_declared() -> None:
    # The module of uvicorn's that api.connections extends imports it; uvicorn does without.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "httptools" in named(project["project"]["dependencies"])
