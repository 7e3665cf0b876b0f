"""Who may sign, in which role, with which key, and when: `.mcpaudit/signers`.

It is a file of allowed signers as `ssh-keygen -Y verify` reads it (ssh-keygen(1), ALLOWED SIGNERS): a role is
a namespace, `review-security@mcpaudit`. Times without a zone are taken as UTC.
"""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.knowledge.secret_line import excerpt
from mcpaudit.signoff.sshsig import namespace
from mcpaudit.signoff.wire import ED25519, fingerprint, kind

_WORD = re.compile(r'\s*((?:[^\s"]|"[^"]*")+)')
_OPTION = re.compile(r'([A-Za-z-]+)(?:="([^"]*)")?(?:,|$)')
_TIME = re.compile(r"\d{8}(?:\d{4}(?:\d\d)?)?")
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Signer:
    """One line: a person, or several names of one, and a key."""

    names: tuple[str, ...]
    namespaces: tuple[str, ...]
    key: bytes
    line: int
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    @property
    def known_by(self) -> str:
        """The key's fingerprint."""
        return fingerprint(self.key)

    def may(self, role: str) -> bool:
        """Whether the key may sign in a role."""
        return namespace(role) in self.namespaces

    def lapse(self, time: datetime) -> str:
        """Why the key was not valid at a time; empty where it was."""
        if self.valid_after is not None and time < self.valid_after:
            return f"the key was not valid before {_shown(self.valid_after)}"
        if self.valid_before is not None and time > self.valid_before:
            return f"the key was valid until {_shown(self.valid_before)}"
        return ""


def _shown(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")


def read_signers(raw: bytes, shown: str) -> tuple[Signer, ...]:
    """All lines; raises ConfigurationError with every mistake."""
    found: list[Signer] = []
    mistakes: list[Mistake] = []
    for number, line in enumerate(raw.decode("utf-8", "replace").split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.append(_signer(text, number))
        except ValueError as error:
            mistakes.append(Mistake(shown, number, 1, str(error), "", excerpt(text)))
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(found)


def _signer(text: str, line: int) -> Signer:
    if len(text) > _LONGEST:
        raise ValueError("the line is too long")
    words = _WORD.findall(text)
    keys = [index for index, word in enumerate(words[:3]) if index and _is_kind(word)]
    if not keys or len(words) < keys[0] + 2:
        raise ValueError('expected NAME namespaces="review-ROLE@mcpaudit" ssh-ed25519 KEY')
    options = dict(_options(words[1])) if keys[0] == 2 else {}
    names = tuple(words[0].strip('"').split(","))
    if any(set(name) & set("*?!") for name in names):
        raise ValueError("a name stands for one person here, so it is no pattern")
    if "cert-authority" in options:
        raise ValueError("a reviewer signs with a key of their own, not with one of an authority")
    spaces = options.get("namespaces", "")
    if not spaces:
        raise ValueError('the key may sign anything: write namespaces="review-ROLE@mcpaudit"')
    if any(set(name) & set("*?!") for name in spaces.split(",")):
        raise ValueError("namespaces are written out here, so they are no patterns")
    try:
        key = base64.b64decode(words[keys[0] + 1], validate=True)
        same = kind(key) == words[keys[0]]
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"what follows {words[keys[0]]} is no such key")
    times = [_time(options[name]) if name in options else None for name in ("valid-after", "valid-before")]
    return Signer(names, tuple(spaces.split(",")), key, line, *times)


def _is_kind(word: str) -> bool:
    return word == ED25519 or word.startswith(("ssh-", "ecdsa-", "sk-"))


def _options(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _OPTION.match(text, at)
        known = ("namespaces", "valid-after", "valid-before", "cert-authority")
        if match is None or match[1].lower() not in known:
            raise ValueError(f'options are {", ".join(known[:3])}, each as NAME="VALUE"')
        yield match[1].lower(), match[2] or ""
        at = match.end()


def _time(text: str) -> datetime:
    digits = text.removesuffix("Z")
    if not _TIME.fullmatch(digits):
        raise ValueError(f"a time is YYYYMMDD or YYYYMMDDHHMM[SS], in UTC: {text[:40]}")
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"there is no such time: {text[:40]}") from None
