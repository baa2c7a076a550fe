"""The NumPy files of the package."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import numpy as np

_reading = threading.Lock()


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """What NumPy loads of a file of the package `rag`: an array, or arrays by name.

    One file at a time: NumPy parses their headers as Python, and before 3.11.8 two threads that did
    so at once could fail (CPython's gh-106905).
    """
    with _reading, (files("rag") / name).open("rb") as file:
        yield np.load(file, allow_pickle=False)
