"""What comes with the package: where it lies, and the YAML tables in it.

By plain paths: `importlib.resources` would import `zipfile` and `tempfile` at every start.
"""

from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


def table(name: str) -> Any:
    """A YAML file of the package by its path in it; the tests of this project have checked what it holds."""
    return parsed((PACKAGE / name).read_text(encoding="utf-8"))


def parsed(text: str) -> Any:
    """A YAML text of the package."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
