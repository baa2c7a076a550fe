"""Every text that Citewell says or asks in its own voice; the only place for such text."""

from importlib.resources import files
from string import Template


def load(name: str, **variables: str) -> str:
    """The prompt `name`.md with its `$variables` filled in.

    Raises FileNotFoundError for an unknown name and KeyError naming a variable that is missing.
    """
    text = (files("prompts") / f"{name}.md").read_text(encoding="utf-8").strip()
    return Template(text).substitute(variables)
