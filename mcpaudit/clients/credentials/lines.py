"""Secrets in files of lines: variables, the AWS CLI's profiles, netrc, PostgreSQL's passwords, single tokens.

Sources: the AWS CLI's guide to its configuration files, the manuals of netrc and npmrc, PostgreSQL's manual
on the password file.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from mcpaudit.clients.credentials.stored import MOST, Stored, day, label, named
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.credential import Lifetime

_MOST_VARIABLES = 2000
_SECTION = re.compile(r"\[(?:profile\s+)?([^\]]{1,128})\]")
_MACHINE = re.compile(r"\bmachine\s+(\S{1,253})(?:\s+login\s+\S{1,256})?\s+password\s+(\S{1,4096})")
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][\w.-]{0,127})\s*=\s*(.*)")
_REGISTRY = re.compile(r"^//[^\s=]*:(?=_)")
_COLON = re.compile(r"(?<!\\):")


def variables(text: str) -> list[tuple[str, str, int]]:
    """The variables of a `.env` file with their lines, quotes removed."""
    return list(islice(_pairs(enumerate(text.splitlines(), 1)), _MOST_VARIABLES))


def _pairs(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[str, str, int]]:
    for number, line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            quote = match[2][:1]
            quoted = quote in ("'", '"') and match[2].count(quote) > 1
            plain = match[2][1 : match[2].rindex(quote)] if quoted else re.split(r"\s#", match[2])[0].strip()
            yield match[1], plain, number


def in_variables(text: str, packs: Packs) -> list[Stored]:
    """The secrets of a `.env` file or another with `name = value` in each line, like npmrc."""
    lines = [(number, _REGISTRY.sub("", line.strip())) for number, line in enumerate(text.splitlines(), 1)]
    pairs = islice(_pairs(lines), _MOST_VARIABLES)
    return list(islice((one for name, value, line in pairs for one in named(name, value, packs, line)), MOST))


def in_profile(text: str, profile: str) -> list[Stored]:
    """The keys of one profile in the AWS CLI's files, or how it gets them."""
    values: dict[str, tuple[str, int]] = {}
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        section = _SECTION.fullmatch(line.strip())
        inside = section[1].strip() == profile if section else inside
        if inside and not section and (pair := _LINE.fullmatch(line.strip())):
            values[pair[1].lower()] = pair[2].strip(), number
    name, told = label(profile), f"aws profile {profile}"
    if "aws_secret_access_key" in values:
        secret, at = values["aws_secret_access_key"]
        session = "aws_session_token" in values
        ends = day(values.get("aws_expiration", values.get("expiration", ("", 0)))[0])
        lifetime: Lifetime = "expiring" if session else "static"
        kind = "session_key" if session else "access_key"
        return [Stored(name, kind, secret, "aws", ends, lifetime, False if session else None, line=at)]
    for keys, kind, lasts, refresh in _WAYS:
        if key := next((key for key in keys if key in values), ""):
            return [Stored(name, kind, told, "aws", "", lasts, refresh, line=values[key][1], inside=False)]
    return []


# How a profile without keys of its own comes to some: the first is renewed, the second takes a person.
_WAYS: tuple[tuple[tuple[str, ...], str, Lifetime, bool | None], ...] = (
    (("role_arn", "credential_process", "web_identity_token_file"), "role", "refreshing", True),
    (("sso_session", "sso_start_url"), "single_sign_on", "expiring", None),
)


def in_netrc(text: str) -> list[Stored]:
    """The passwords of a netrc file."""
    return [
        Stored(label(one[1]), "password", one[2], line=text.count("\n", 0, one.start(2)) + 1)
        for one in islice(_MACHINE.finditer(text), MOST)
    ]


def in_pgpass(text: str) -> list[Stored]:
    """The passwords of PostgreSQL's password file: `host:port:database:user:password`."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = _COLON.split(line.strip(), maxsplit=4)
        if len(fields) == 5 and fields[4] and not line.startswith("#"):
            password = re.sub(r"\\(.)", r"\1", fields[4])
            found.append(
                Stored(label(fields[0]), "password", password, "sql", lifetime="static", line=number)
            )
    return found[:MOST]


def in_text(text: str, packs: Packs) -> list[Stored]:
    """A file that is itself one secret, or a key in PEM form."""
    whole = text.strip()
    if len(whole.split()) != 1 and "-----BEGIN" not in whole:
        return []
    return named("token", whole, packs, 1)
