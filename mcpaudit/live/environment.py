"""What a started server finds around it: few variables, and a home of its own that is thrown away."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from mcpaudit.live.values import Launch

NEEDED = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROCESSOR_ARCHITECTURE"),
)
"""Taken from the user's own environment: what programs need to start at all."""
_HOMES = ("HOME", "USERPROFILE")
_BELOW = {
    "TMPDIR": "tmp",
    "TEMP": "tmp",
    "TMP": "tmp",
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "npm_config_cache": ".npm",
    "UV_CACHE_DIR": ".cache/uv",
}
"""Folders in the scratch home, by the variables that name them to programs and to npm and uv."""


@asynccontextmanager
async def environment(
    launch: Launch, user: Mapping[str, str], *, share_home: bool
) -> AsyncIterator[dict[str, str]]:
    """The whole environment of one server, while it runs; what its entry declares wins.

    What is only contacted has none.
    """
    own = dict(launch.env)
    if launch.remote:
        yield {}
        return
    found = {name: user[name] for name in NEEDED if name in user}
    if share_home:
        shared = {*_HOMES, *(name for name in _BELOW if name.isupper())}
        yield found | {name: user[name] for name in sorted(shared) if name in user} | own
        return
    scratch = tempfile.TemporaryDirectory(prefix="mcpaudit-", ignore_cleanup_errors=True)
    try:
        yield found | _scratch(Path(scratch.name)) | own
    finally:
        # In a thread: a server may have filled it, and the others are not to wait for that.
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(scratch.cleanup)


def _scratch(home: Path) -> dict[str, str]:
    windows = os.name == "nt"
    found = {"USERPROFILE" if windows else "HOME": str(home)}
    for name, below in _BELOW.items():
        if windows or name not in ("TEMP", "TMP", "APPDATA", "LOCALAPPDATA"):
            (home / below).mkdir(parents=True, exist_ok=True)
            found[name] = str(home / below)
    return found
