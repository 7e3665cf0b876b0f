"""Which package index a user has configured, and what they log in to it with.

Sources: docs.npmjs.com, npmrc (`registry`, `@scope:registry`, `//host/:_authToken`, the project's file before
the user's); pip.pypa.io, configuration (`index-url`, `PIP_INDEX_URL`); docs.astral.sh/uv (`UV_INDEX_URL`,
`UV_DEFAULT_INDEX`).
"""

import configparser
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from mcpaudit.dataclass import dataclass
from mcpaudit.model.site import Site
from mcpaudit.parsing.reader import regular_bytes

NPM, PYPI = "https://registry.npmjs.org/", "https://pypi.org/simple/"
_NPMRC = ("{project}/.npmrc", "{home}/.npmrc")
_PIP = ("{home}/.config/pip/pip.conf", "{home}/.pip/pip.conf", "{appdata}/pip/pip.ini", "/etc/pip.conf")
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Index:
    """An index to ask, without its login in the address."""

    url: str
    """Ends with `/`."""
    authorization: str = ""
    """The value of the header that logs in; empty for none. It never leaves this package."""


def npm_index(name: str, site: Site) -> Index:
    """Where npm would ask for a package."""
    settings: dict[str, str] = {}
    for text in reversed(list(_texts(site, _NPMRC))):
        settings |= _npmrc(text, site.env)
    scope = name.partition("/")[0] if name.startswith("@") else ""
    chosen = settings.get(f"{scope}:registry") if scope else None
    chosen = chosen or site.env.get("npm_config_registry") or site.env.get("NPM_CONFIG_REGISTRY")
    url = (chosen or settings.get("registry") or NPM).rstrip("/") + "/"
    host = url.partition(":")[2]
    while host.count("/") > 2:
        if token := settings.get(f"{host}:_authToken"):
            return Index(url, f"Bearer {token}")
        if basic := settings.get(f"{host}:_auth"):
            return Index(url, f"Basic {basic}")
        host = host.rstrip("/").rpartition("/")[0] + "/"
    return _without_login(url)


def python_index(site: Site) -> Index:
    """Where pip or uv would ask for a package."""
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if url := site.env.get(variable):
            return _without_login(url.rpartition("=")[2].rstrip("/") + "/")
    for text in _texts(site, _PIP):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        if url := parser.get("global", "index-url", fallback=""):
            return _without_login(url.strip().rstrip("/") + "/")
    return Index(PYPI)


def _npmrc(text: str, env: Mapping[str, str]) -> dict[str, str]:
    settings = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.lstrip().startswith(("#", ";")):
            settings[key.strip()] = _VARIABLE.sub(lambda m: env.get(m[1], ""), value.strip().strip("\"'"))
    return settings


def _without_login(url: str) -> Index:
    parts = urlsplit(url)
    if parts.username is None:
        return Index(url)
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    host = parts.netloc.rpartition("@")[2]
    clean = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return Index(clean, f"Basic {b64encode(login).decode()}")


def _texts(site: Site, templates: tuple[str, ...]) -> Iterator[str]:
    for template in templates:
        found = site.locate(template)
        if found is None:
            continue
        try:
            yield regular_bytes(found[0], _MOST).decode("utf-8", "replace")
        except OSError:
            continue
