"""The block of YAML at the head of a Markdown file, in which some clients keep what an agent may use."""

import re

_BLOCK = re.compile(r"---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


def front_matter(text: str) -> str:
    """The block up to its closing line, on the same lines; an empty object where there is none."""
    found = _BLOCK.match(text)
    return found[0].rstrip().removesuffix("---") if found else "{}"
