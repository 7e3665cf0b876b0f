"""Which of mcpaudit's own files a review is about: all that judge, and nothing else."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mcpaudit.model.configuration import Configuration
from mcpaudit.model.lock import FILE as LOCK
from mcpaudit.policy.configuration import FILE, FOLDER
from mcpaudit.policy.policy import TEST_ENDING
from mcpaudit.policy.waivers import BASELINE, WAIVERS

SIGNERS = "signers"
"""Below `.mcpaudit`: who may sign, in OpenSSH's format of allowed signers."""


def own_names(project: Path, configuration: Configuration) -> list[str]:
    """Their names from the project's folder, sorted; they need not be there."""
    return sorted(set(_named(project, configuration)))


def _named(project: Path, configuration: Configuration) -> Iterator[str]:
    yield from (FILE, LOCK, *(f"{FOLDER}/{name}" for name in (WAIVERS, BASELINE, SIGNERS)))
    yield from (f"{FOLDER}/profiles/{one.id}.yaml" for one in configuration.profiles)
    for place in configuration.policies:
        inside = PurePosixPath(place)
        if inside.is_absolute() or ".." in inside.parts:
            continue
        if (project / inside).is_file():
            yield inside.as_posix()
        for path in sorted((project / inside).rglob("*.yaml")):
            if not path.name.endswith(TEST_ENDING):
                yield path.relative_to(project).as_posix()
