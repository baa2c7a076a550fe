"""`citewell eval` as an application of its own."""

from collections.abc import Callable

import typer
from typer.testing import Result

from eval.command import evaluate

Run = Callable[..., Result]
"""Runs the command with arguments of any kind."""


def application() -> typer.Typer:
    """The command by itself."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(evaluate)
    return app
