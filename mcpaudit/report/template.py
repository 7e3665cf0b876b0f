"""Finding the templates: in the installed package, or beside it in a source checkout."""

from importlib import resources
from pathlib import Path


def template(name: str) -> str:
    """The text of one template."""
    packaged = resources.files("mcpaudit") / "templates" / name
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "reports" / "templates" / name).read_text("utf-8")
