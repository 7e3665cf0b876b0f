"""Canaries: false secrets of every common shape, no two alike, and a search that finds any part of one.

Shapes: the providers' own pages on their tokens (GitHub, AWS IAM, Slack, Google Cloud, Stripe, npm, PyPI),
RFC 7519 (JWT), RFC 7468 (PEM), RFC 7617 and 6750 (Basic, Bearer), RFC 3986 section 3.2.1 (userinfo).
"""

import base64
import json
import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from urllib.parse import unquote

LETTERS = string.ascii_letters + string.digits
PART = 9
"""The promise is about parts of more than eight characters."""
_START = 8
"""By what parts are looked up: so much of one is whole in Base64, wherever it begins."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One false secret, planted in one place."""

    place: str
    shape: str
    text: str
    """What is planted."""
    secret: str
    """What of it is secret: the rest (`ghp_`, `https://api.example/?key=`) is known to anybody."""


def body(seed: str, length: int, alphabet: str = LETTERS) -> str:
    """Characters that only this seed gives, a digit and both cases among them where the alphabet has any."""
    raw = b"".join(sha256(f"{seed} {number}".encode()).digest() for number in range(length // 32 + 1))
    made = "".join(alphabet[byte % len(alphabet)] for byte in raw[:length])
    kinds = [
        set(alphabet) & set(kind) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    ]
    if not made[0].isalnum():
        made = f"k{made[1:]}"  # `$word` and `-word` at the beginning mean something else
    ends = "".join(min(kind) for kind in kinds if kind and not kind & set(made))
    return made[: length - len(ends)] + ends


def _after(start: str, length: int, alphabet: str = LETTERS) -> Callable[[str], tuple[str, str]]:
    def made(seed: str) -> tuple[str, str]:
        secret = body(seed, length, alphabet)
        return start + secret, secret

    return made


def _within(form: str, length: int = 24, alphabet: str = LETTERS) -> Callable[[str], tuple[str, str]]:
    def made(seed: str) -> tuple[str, str]:
        secret = body(seed, length, alphabet)
        return form.format(secret), secret

    return made


def _jwt(seed: str) -> tuple[str, str]:
    claims = {"sub": body(f"{seed} sub", 12), "exp": 1796342400}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    secret = body(seed, 43)
    return f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{middle}.{secret}", secret


def _pem(seed: str) -> tuple[str, str]:
    secret = body(seed, 48)
    return f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n", secret


def _slack(seed: str) -> tuple[str, str]:
    secret = f"{body(seed + 'a', 12, string.digits)}-{body(seed, 24)}"
    return f"xoxb-{secret}", secret


def _basic(seed: str) -> tuple[str, str]:
    secret = base64.b64encode(f"me:{body(seed, 20)}".encode()).decode()
    return f"Basic {secret}", body(seed, 20)


UPPER, HEX = string.ascii_uppercase + string.digits, "0123456789abcdef"

ANYWHERE: dict[str, Callable[[str], tuple[str, str]]] = {
    "github": _after("ghp_", 36),
    "github-oauth": _after("gho_", 36),
    "github-server": _after("ghs_", 36),
    "github-fine": _after("github_pat_", 60),
    "gitlab": _after("glpat-", 20),
    "aws-key-id": _after("AKIA", 16, UPPER),
    "aws-session-id": _after("ASIA", 16, UPPER),
    "slack": _slack,
    "slack-app": _after("xapp-1-A012-", 32),
    "google": _after("AIza", 35),
    "google-access": _after("ya29.", 60),
    "google-client": _after("GOCSPX-", 28),
    "openai": _after("sk-proj-", 48),
    "openai-old": _after("sk-", 48),
    "anthropic": _after("sk-ant-api03-", 60),
    "stripe": _after("sk_live_", 24),
    "stripe-restricted": _after("rk_live_", 24),
    "stripe-hook": _after("whsec_", 32),
    "npm": _after("npm_", 36),
    "pypi": _after("pypi-AgEIcHlwaS5vcmc", 60),
    "huggingface": _after("hf_", 34),
    "sendgrid": _within("SG.abcdefghij{}", 44),
    "linear": _after("lin_api_", 40),
    "notion": _after("ntn_", 46),
    "databricks": _after("dapi", 32, HEX),
    "digitalocean": _after("dop_v1_", 64, HEX),
    "shopify": _after("shpat_", 32, HEX),
    "vault": _after("hvs.", 24),
    "atlassian": _after("ATATT3xFfGF0", 60),
    "supabase": _after("sbp_", 40, HEX),
    "telegram": _within("7123456789:{}", 35),
    "airtable": _within("patAbCdEfGhIjKl01.{}", 64, HEX),
    "jwt": _jwt,
    "pem": _pem,
    "bearer": _after("Bearer ", 32),
    "basic": _basic,
    "dsn": _within("postgresql://app:{}@db.example/app"),
    "dsn-odd": _within("mongodb+srv://app:{}@db.example/app", 20, LETTERS + "!$*"),
    "userinfo": _within("https://me:{}@api.example/mcp"),
    "query": _within("https://api.example/mcp?api_key={}"),
    "hook": _within("https://hooks.slack.com/services/{}"),
    "pair": _within("password={}", 16),
    "export": _within("export API_TOKEN={} && run", 24),
    "header": _within("curl -H 'Authorization: Bearer {}' https://api.example", 32),
    "option": _within("serve --api-key {} --port 80", 24),
}
"""Shapes that say themselves that they are secrets: promised in every place."""

NAMED: dict[str, Callable[[str], tuple[str, str]]] = {
    "random": _after("", 32),
    "hex": _after("", 40, HEX),
    "password": _after("", 12, LETTERS + "!#%+-"),
    "aws-secret": _after("", 40, LETTERS + "/+"),
    "words": _within("Correct-{}-horse", 10),
}
"""Shapes that are known by the name of what holds them: a variable, a header, an option, a key."""

SHAPES = ANYWHERE | NAMED


def canary(shape: str, place: str) -> Canary:
    """The canary of a shape for a place: always the same, and unlike all others."""
    text, secret = SHAPES[shape](f"{shape} {place}")
    return Canary(place, shape, text, secret)


@dataclass(frozen=True, slots=True)
class Leak:
    """A part of a canary that an output holds, and how it was written."""

    canary: Canary
    form: str


class Search:
    """Looks for parts of many canaries at once, in every way that an output may write them."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._parts: dict[str, list[tuple[str, Leak]]] = {}
        for one in canaries:
            for form, part in _parts(one.secret):
                self._parts.setdefault(part[:_START], []).append((part, Leak(one, form)))

    def leaks(self, output: str | bytes) -> set[Leak]:
        """What of the canaries stands in an output."""
        text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
        found: set[Leak] = set()
        for way, view in _views(text):
            starts = {run[at : at + _START] for run in _runs(view) for at in range(len(run) - _START + 1)}
            for start in starts & self._parts.keys():
                found |= {
                    Leak(leak.canary, f"{leak.form}{way}")
                    for part, leak in self._parts[start]
                    if part in view
                }
        return found


def _runs(text: str) -> list[str]:
    """What stands between blanks; no encoding that is looked for has any."""
    return re.findall(r"\S{8,}", text)


def _views(text: str) -> Iterator[tuple[str, str]]:
    """The text, and as it is when its escapes are undone: only where there are some."""
    yield "", text
    undone = {
        ", URL-escaped": unquote(unquote(text)) if "%" in text else text,
        ", JSON-escaped": re.sub(r"\\u([0-9A-Fa-f]{4})", lambda one: chr(int(one[1], 16)), text).replace(
            "\\/", "/"
        ),
        ", HTML-escaped": unescape(unescape(text)) if "&" in text else text,
    }
    yield from ((way, view) for way, view in undone.items() if view != text)


def _parts(secret: str) -> Iterator[tuple[str, str]]:
    """Every part of nine characters, as it is written in each form."""
    raw = secret.encode()
    plain = {
        secret: "as it is",
        secret[::-1]: "reversed",
        secret.upper(): "upper case",
        secret.lower(): "lower case",
    }
    for text, form in plain.items():
        yield from _windows(form, text, PART, 1)
    yield from _windows("hex", raw.hex(), 2 * PART, 2)
    yield from _windows("hex", raw.hex().upper(), 2 * PART, 2)
    yield from _windows("hex", raw.hex(":"), 3 * PART - 1, 3)
    escaped = "".join(f"%{byte:02X}" for byte in raw)
    yield from _windows("URL, all of it", escaped, 3 * PART, 3)
    yield from _windows("URL twice, all of it", escaped.replace("%", "%25"), 5 * PART, 5)
    for skip in range(3):
        # Whole groups of three bytes: a part has two of them, wherever it begins.
        encoded = base64.b64encode(b"\0" * skip + raw).decode()
        core = encoded[4 if skip else 0 : (skip + len(raw)) // 3 * 4]
        for form in {core, core.replace("+", "-").replace("/", "_")}:
            yield from _windows("base64", form, 8, 4)


def _windows(form: str, text: str, size: int, step: int) -> Iterator[tuple[str, str]]:
    for at in range(0, max(1, len(text) - size + 1), step):
        yield form, text[at : at + size]
