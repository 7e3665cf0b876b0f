"""Recognises secrets in configuration values and masks them, so that values never leave the parser."""

import base64
import re
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.model.credential import Lifetime

MASK: Final = "***"
LONGEST: Final = 64 * 1024
_SHORT = 64
_UNSURE = 512  # the end of what was searched is not shown: a secret could have been cut there

_SHAPES: dict[str, Any] = shipped.table("knowledge/secret_shapes.yaml")
_LIFETIMES: list[tuple[str, Lifetime]] = sorted(_SHAPES["lifetimes"].items(), key=lambda row: -len(row[0]))
_TELLING: list[str] = _SHAPES["telling"]
_PROVIDERS = {scheme: provider for provider, schemes in _SHAPES["schemes"].items() for scheme in schemes}


class _Patterns(dict[str, re.Pattern[str]]):
    """Patterns that are compiled when they are first used: most values need only a few."""

    def __missing__(self, name: str) -> re.Pattern[str]:
        self[name] = re.compile(_SHAPES["patterns"][name].strip(), re.VERBOSE)
        return self[name]


_RE = _Patterns()
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


class KnowsSecrets(Protocol):
    """What masking asks of the packs."""

    def prefixes(self) -> tuple[tuple[str, str, str], ...]:
        """Beginnings of tokens with provider and credential id, longest first."""

    def provider_of_variable(self, name: str) -> str:
        """The provider whose secret a variable of this name holds; empty when unknown."""


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a value; `value` serves comparisons within one run and never output."""

    kind: str
    """The pack's credential id, or a shape: `token`, `key`, `password`, `bearer`, `jwt`, `private_key`."""
    provider: str
    value: str = field(repr=False)
    expires: str = ""
    """ISO date, where a JWT says so; its signature is not verified."""
    scopes: tuple[str, ...] | None = None
    """The JWT's `scope` or `scp` claim (RFC 8693 section 4.2; Microsoft's access tokens)."""
    lifetime: Lifetime = "unknown"
    """What its beginning says."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A value with `***` for every secret in it."""

    text: str
    found: tuple[Found, ...] = ()


class _Span(NamedTuple):
    start: int
    end: int
    general: bool  # only its surroundings say that it is a secret: a shape inside it says more
    kind: str
    provider: str = ""
    expires: str = ""
    scopes: tuple[str, ...] | None = None


@lru_cache(maxsize=1024)
def names_secret(name: str) -> bool:
    """Whether a variable, header, flag or key of this name holds a secret, by its words."""
    return bool(_RE["secret_name"].search(words := _words(name))) and not _RE["other_name"].search(words)


def names_secret_file(name: str) -> bool:
    """Whether a variable or flag of this name holds the path of a file with secrets, by its words."""
    return bool(_RE["file_name"].search(_words(name)))


def argument_name(before: str, word: str) -> str:
    """Names a word of a command: its own option, or the one before it that takes a secret; or nothing."""
    if _RE["option"].fullmatch(word):
        return word.partition("=")[0]
    takes = _RE["option"].fullmatch(before) and "=" not in before and names_secret(before)
    return before if takes else ""


def scope_names(text: str) -> tuple[str, ...]:
    """The scopes of a list, which spaces or commas part; what no scope looks like is left out."""
    listed = re.split(r"[\s,]+", text[:8192])
    return tuple(
        dict.fromkeys(one for one in listed if _RE["scope"].fullmatch(one) and not _RE["code"].search(one))
    )


def references(text: str) -> tuple[str, ...]:
    """The names of the variables and inputs that a value refers to, each once, in order."""
    return tuple(dict.fromkeys(one[one.lastindex or 0] for one in _RE["reference"].finditer(text[:LONGEST])))


def mask(text: str, name: str, packs: KnowsSecrets) -> Masked:
    """One word of a configuration with its secrets masked; what stands after 64 KB is never returned."""
    if not may_hold(text, name):
        return Masked(text if len(text) <= LONGEST else f"{text[: LONGEST - _UNSURE]}…")
    shown = len(text)
    if shown > LONGEST:
        if names_secret(name):
            return Masked(MASK, (Found(_kind(name), packs.provider_of_variable(name), text),))
        text, shown = text[:LONGEST], LONGEST - _UNSURE
    spans = [*_tokens(text, packs), *_jwts(text), *_addresses(text), *_pairs(text, name, packs)]
    parts, at = [""], 0
    found: list[Found] = []
    for cluster in _clusters(spans):
        if cluster[0].start < shown:
            parts += text[at : cluster[0].start], MASK
            at = max(span.end for span in cluster)
        general = all(span.general for span in cluster)
        around = next((span.provider for span in cluster if span.provider), "")
        taken = 0
        for span in cluster:
            if span.general == general and span.start >= taken:
                value, taken = text[span.start : span.end], span.end
                provider, lifetime = span.provider or around, _lifetime(value)
                found.append(Found(span.kind, provider, value, span.expires, span.scopes, lifetime))
    parts += text[at:shown], "…" * (shown < len(text))
    return Masked("".join(parts), tuple(dict.fromkeys(found)))


def may_hold(text: str, name: str = "") -> bool:
    """Whether there can be a secret at all: most texts have none, and all patterns take their time."""
    if name and names_secret(name):
        return True
    # The short words of schemas come again and again.
    return _short_tells(text) if len(text) <= _SHORT else _tells(text[:LONGEST])


def _tells(text: str) -> bool:
    lowered = text.lower()
    for word in _TELLING:
        if word in lowered:
            return True
    return bool(_RE["long_run"].search(text) and _RE["opaque"].match(text))


_short_tells = lru_cache(maxsize=8192)(_tells)


def _clusters(spans: list[_Span]) -> list[list[_Span]]:
    clusters: list[list[_Span]] = []
    end = 0
    for span in sorted(spans):
        if not clusters or span.start >= end:
            clusters.append([])
        clusters[-1].append(span)
        end = max(end, span.end)
    return clusters


@lru_cache(maxsize=8)
def _beginnings(prefixes: tuple[tuple[str, str, str], ...]) -> tuple[re.Pattern[str], list[tuple[str, str]]]:
    # The packs come first among beginnings of one length. With a scheme, only a part is secret.
    known = [(prefix, provider, kind, 16) for prefix, provider, kind in prefixes if "://" not in prefix]
    known += [(prefix, provider, "token", least) for prefix, (provider, least) in _SHAPES["prefixes"].items()]
    known.sort(key=lambda row: -len(row[0]))
    joined = "|".join(rf"({re.escape(prefix)}[\w.=-]{{{least},}})" for prefix, _, _, least in known)
    # First the beginnings alone: most places are ruled out by one character, without a try of each group.
    begins = "|".join(sorted({re.escape(prefix) for prefix, _, _, _ in known}))
    pattern = re.compile(f"{_RE['edge'].pattern}(?={begins})(?:{joined})", re.ASCII)
    return pattern, [(kind, provider) for _, provider, kind, _ in known]


@lru_cache(maxsize=1)
def _odd() -> list[tuple[str, str, re.Pattern[str]]]:
    """Shapes that no beginning tells."""
    return [(kind, provider, re.compile(pattern)) for kind, provider, pattern in _SHAPES["shapes"]]


@lru_cache(maxsize=8)
def _starts(prefixes: tuple[tuple[str, str, str], ...]) -> tuple[str, ...]:
    return tuple({prefix[:3] for prefix, *_ in prefixes} | {prefix[:3] for prefix in _SHAPES["prefixes"]})


def _tokens(text: str, packs: KnowsSecrets) -> Iterator[_Span]:
    # One pattern for all beginnings takes far longer than a look whether any of them is there.
    if any(start in text for start in _starts(packs.prefixes())):
        pattern, known = _beginnings(packs.prefixes())
        for match in pattern.finditer(text):
            if _RE["opaque"].match(match[0]) and not _placeholder(match[0]):
                yield _Span(*match.span(), False, *known[(match.lastindex or 1) - 1])
    for kind, provider, odd in _odd():
        for match in odd.finditer(text):
            if not _placeholder(match[odd.groups]):
                yield _Span(*match.span(odd.groups), odd.groups > 0, kind, provider)


def _jwts(text: str) -> Iterator[_Span]:
    # Runs first: a pattern that starts anew at each `eyJ` would take quadratic time.
    for run in _RE["run"].finditer(text):
        at = run[0].find("eyJ")
        parts = run[0][at:].split(".", 3) if at >= 0 else [""]
        if len(parts) > 1 and min(len(parts[0]), len(parts[1])) >= 10:
            claims = _decoded(parts[1])
            ends = _RE["expires"].search(claims)
            day = datetime.fromtimestamp(int(ends[1]), UTC).date().isoformat() if ends else ""
            yield _Span(run.start() + at, run.end(), False, "jwt", "", day, _scopes(claims))
        elif len(parts) == 1 and any(map(names_secret, _RE["member"].findall(_decoded(parts[0])))):
            # Settings as Base64 in a URL, like Smithery's `config`.
            yield _Span(run.start() + at, _until(_RE["no_base64"], text, run.end(), len(text)), True, "key")


def _scopes(claims: str) -> tuple[str, ...] | None:
    listed = _RE["claimed_scopes"].search(claims)
    return scope_names((listed[1] or listed[2] or "").replace('"', " ")) or None if listed else None


def _lifetime(value: str) -> Lifetime:
    return next((told for start, told in _LIFETIMES if value.startswith(start)), "unknown")


def _decoded(part: str) -> str:
    part = part.replace("=", "")
    return base64.urlsafe_b64decode(part + "A" * (-len(part) % 4)).decode("utf-8", "replace")


def _addresses(text: str) -> Iterator[_Span]:
    for word in _RE["spaceless"].finditer(text):
        pieces = word[0].split("://")
        at = word.start() + len(pieces[0])
        for before, piece in pairwise(pieces):
            yield from _address(re.split(r"[^A-Za-z0-9+.-]", before[-32:])[-1].lower(), piece, at + 3)
            at += 3 + len(piece)


def _address(scheme: str, piece: str, at: int) -> Iterator[_Span]:
    authority = re.split(r"[/?#]", piece, maxsplit=1)[0]
    end, first = authority.rfind("@"), piece.find("@")
    if first >= 0 and ":" in authority and (end < 0 or not scheme.startswith("http")):
        # People leave `/`, `#` and `@` in passwords unescaped: up to the last `@` before the query.
        end = first + re.split(r"\?\w+=", piece[first:], maxsplit=1)[0].rfind("@")
    user, colon, password = piece[: max(end, 0)].partition(":")
    if colon and not _RE["documented"].fullmatch(piece, 0, end) and not _placeholder(password):
        provider = _PROVIDERS.get(scheme.partition("+")[0], "")
        yield _Span(at + len(user) + 1, at + end, True, "password", provider)
    if len(user) >= 20 and _RE["random"].search(user) and not _placeholder(user):
        yield _Span(at, at + len(user), True, "key")
    for key in _RE["segment"].finditer(piece, max(end, 0)):
        if scheme.startswith(("http", "ws")) and _RE["random"].search(key[0]):
            yield _Span(at + key.start(), at + key.end(), True, "key")


def _pairs(text: str, name: str, packs: KnowsSecrets) -> Iterator[_Span]:
    if names_secret(name) and text != name and not text.startswith(f"{name}="):
        default = _RE["default"].fullmatch(text)
        yield from _value(text, *(default.span(1) if default else (0, len(text))), name, packs)
    for pattern in (_RE["pair"], _RE["flag"]):
        at = 0
        while match := pattern.search(text, at):
            at = match.end()
            if names_secret(match["name"]):
                begin, at = _extent(text, match)
                yield from _value(text, begin, at, match["name"], packs)


def _extent(text: str, match: re.Match[str]) -> tuple[int, int]:
    begin, start, colon = match.end(), match.start(), match["sep"] == ":"
    if match["open"]:
        return begin, _until(re.compile(rf"(?<!\\){re.escape(match['open'])}"), text, begin, len(text))
    before = text[max(0, start - 2) : start]
    if colon and before == "${":  # `${TOKEN:-value}`
        fallback = text.startswith("-", begin)
        return begin + 1, _until(_RE["after_default"], text, begin, len(text)) if fallback else begin
    short = not match["space"] and len(text) < begin + 8
    if colon and (short or "//" in (before, text[begin : begin + 2])):
        # A host with its port, a scheme, an image with its tag.
        return begin, begin
    opened = before[-1:] if before[-1:] in ("'", '"', ";") else ""
    if match["sep"] and not match["close"] and (opened or not text[: min(start, 3)].strip("-")):
        whole = _until(re.compile(rf"(?<!\\){opened}" if opened else r"\Z"), text, begin, len(text))
        if not colon and match["name"].isalpha() and before[-1:] != "-":
            whole = _until(_RE["next_key"], text, begin, whole)
        if colon or not _RE["program"].search(text, begin, whole):
            return begin, whole
    scheme = _RE["scheme"].match(text, begin)
    after = _RE["after_colon" if colon else "after_equals"]
    return begin, _until(after, text, scheme.end() if scheme else begin, len(text))


def _until(pattern: re.Pattern[str], text: str, begin: int, end: int) -> int:
    match = pattern.search(text, begin, end)
    return match.start() if match else end


def _value(text: str, begin: int, end: int, name: str, packs: KnowsSecrets) -> Iterator[_Span]:
    kind, scheme = _kind(name), _RE["scheme"].match(text, begin, end)
    if scheme:
        begin, kind = scheme.end(), {"bearer": "bearer", "basic": "basic"}.get(scheme[1].lower(), kind)
    value = text[begin:end].strip()
    bare = value.strip("\"'\\")
    weak = not scheme and _RE["weak_name"].search(_words(name)) and _RE["weak_value"].fullmatch(bare)
    named = bare == name or (_RE["variable"].fullmatch(bare) and names_secret(bare))
    number = kind != "password" and re.fullmatch(r"\d{1,6}", bare)
    if not (weak or named or number or _RE["harmless"].fullmatch(bare) or _placeholder(bare)):
        start = text.index(value, begin)
        yield _Span(start, start + len(value), True, kind, packs.provider_of_variable(name.lstrip("-")))


def _words(name: str) -> str:
    return "".join(f"-{word.lower()}" for word in _WORD.findall(name[-128:])) + "-"


def _kind(name: str) -> str:
    return next((kind for kind in ("password", "key") if _RE[f"{kind}_name"].search(_words(name))), "token")


def _placeholder(value: str) -> bool:
    """Whether a value holds the place of a secret: a reference, a blank to fill in, or nothing."""
    rest = _RE["blank"].sub("", _RE["reference"].sub("", value))
    kept = re.sub(r"[xX*._ -]", "", rest)
    crossed = _RE["crossed"].search(rest) and len(kept) <= min(12, len(rest) // 2)
    if crossed or len(set(value.lower())) < 2 or not re.search(r"[^\W_]", rest):
        return True
    return len(rest) < 100 and sum(map(str.isdigit, rest)) <= 4 and bool(_RE["placeholder"].match(rest))
