"""Which credential files an entry names: by variables, flags, its file of variables, its AWS profile."""

import re
from collections.abc import Iterable, Iterator

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import names_secret_file
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument, Entry, Installation

_PATH = re.compile(
    r"[^\n\r\0]*[/\\][^\n\r\0]*|[\w. @-]{1,255}\.(?:json|ya?ml|env|pem|key|txt|ini|token)|\.\w+"
)
_DATABASE = re.compile(r"postgres(?:ql)?://(?![^\s/@]*:[^\s/]*@)(?:[^\s/@]*@)?([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that an entry names: by which word, and where that stands."""

    name: str
    path: str
    place: Place
    profile: str = ""
    others: tuple[str, ...] = ()
    """Where to look next, if nothing is found there."""
    expected: bool = True
    """Whether it counts as a credential even if it cannot be read; not so for files that hold much else."""

    @property
    def variables(self) -> bool:
        """Whether it is a file of variables, whose secrets go by their own names."""
        return "env" in re.split(r"[^a-z]+", self.name.lower()) or self.path.endswith(".env")


def references(installation: Installation) -> Iterator[Reference]:
    """The credential files that an installation's entry names."""
    entry, env = installation.entry, dict(installation.entry.env)
    for name, word in entry.env:
        if _names_file(name, word):
            yield _reference(name, word)
    if entry.env_file is not None and entry.env_file.known:
        yield Reference("env file", entry.env_file.text, entry.env_file.place, expected=False)
    for flag, word in flags(own_words(installation)):
        if _names_file(flag, word):
            yield _reference(flag, word)
    profile = env.get("AWS_PROFILE") or _profile_flag(installation)
    if profile is not None and profile.known:
        file = env.get("AWS_SHARED_CREDENTIALS_FILE")
        path = file.text if file else "~/.aws/credentials"
        yield Reference("AWS_PROFILE", path, profile.place, profile.text, ("~/.aws/config",))


def own_words(installation: Installation) -> tuple[Argument, ...]:
    """The words whose paths are this machine's: what follows a container's image is a path inside of it."""
    entry = installation.entry
    return entry.args[: entry.package_argument] if in_container(installation) else entry.args


def in_container(installation: Installation) -> bool:
    """Whether the server runs where this machine's files are not."""
    return installation.server.id.startswith("oci:")


def database_host(entry: Entry) -> str | None:
    """The host of a PostgreSQL address without a password; `None` where there is no such address."""
    words = [*entry.args, *(word for _, word in entry.env)]
    found = (_DATABASE.search(word.text) for word in words)
    return next((match[1] for match in found if match), None)


def flags(words: Iterable[Argument]) -> Iterator[tuple[str, Argument]]:
    """The options of a command line, each with the word that is its value."""
    before = ""
    for word in words:
        flag, equals, value = word.text.partition("=")
        if before and not word.text.startswith("-"):
            yield before, word
        elif flag.startswith("-") and equals:
            yield flag, Argument(value, word.place, word.unexpanded)
        before = word.text if word.text.startswith("-") and not equals else ""


def _names_file(name: str, word: Argument) -> bool:
    looks = word.known and "://" not in word.text and _PATH.fullmatch(word.text)
    return bool(looks) and names_secret_file(name)


def _reference(name: str, word: Argument) -> Reference:
    # KUBECONFIG is a list of files.
    first, *others = word.text.split(":") if name == "KUBECONFIG" and word.text[1:3] != ":\\" else [word.text]
    wide = re.search(r"(?i)config|cache|profile|env", name) or word.text.endswith(".env")
    return Reference(name, first, word.place, others=tuple(others), expected=not wide)


def _profile_flag(installation: Installation) -> Argument | None:
    if "aws" not in installation.server.id:
        return None
    return next((word for flag, word in flags(installation.entry.args) if flag == "--profile"), None)
