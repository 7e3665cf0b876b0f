"""What launchers start: `npx`, `uvx`, `uv`, `pipx`, `docker`, interpreters, and addresses."""

import re
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from mcpaudit.dataclass import dataclass
from mcpaudit.model.server import Package, Server, Transport

_WINDOWS_ENDINGS = (".exe", ".cmd", ".bat", ".ps1")
INTERPRETERS = {"node", "python", "python3", "py", "deno", "bun", "tsx", "ts-node", "ruby", "java", "php"}
# Options of these launchers that take a value; all others stand alone.
VALUED = {
    "npx": {"-p", "--package", "-c", "--call", "-w", "--workspace", "--registry", "--prefix", "--cache"},
    "uvx": {
        *(
            "--from",
            "--with",
            "--python",
            "-p",
            "--index-url",
            "-i",
            "--index",
            "--with-editable",
            "--directory",
        ),
        *(
            "--default-index",
            "--extra-index-url",
            "--index-strategy",
            "--prerelease",
            "--cache-dir",
            "--env-file",
        ),
        *("--constraints", "-c", "--overrides", "--with-requirements", "--project", "--config-file"),
    },
    "pipx": {"--spec", "--python", "--index-url", "--pip-args", "--suffix"},
    "node": {"-r", "--require", "--import", "--loader", "--env-file", "--max-old-space-size"},
    "python": {"-W", "-X"},
    "deno": {"-c", "--config", "--import-map", "--lock"},
    "go": {"-C", "-tags", "-ldflags", "-gcflags", "-asmflags", "-mod", "-modfile", "-overlay", "-p", "-exec"},
    "mcpaudit": {"--name", "--client", "--log", "--max-bytes", "--keep"},
    "env": {"-u", "--unset", "-C", "--chdir"},
    "sudo": {"-u", "--user", "-g", "--group"},
    "docker": {"-H", "--host", "-c", "--context", "-l", "--log-level", "--config", "--connection", "--url"},
}
_DOCKER_ALONE = {
    *("-i", "-t", "-d", "-it", "-ti", "-P", "--rm", "--init", "--interactive", "--tty", "--detach"),
    *(
        "--privileged",
        "--read-only",
        "--publish-all",
        "--no-healthcheck",
        "--oom-kill-disable",
        "-q",
        "--quiet",
    ),
    *(
        "--disable-content-trust",
        "--use-api-socket",
        "--replace",
        "--rmi",
        "--no-hosts",
        "--env-host",
        "--rootfs",
    ),
}
_DOCKER_LETTERS = re.compile(r"-[itdPq]{2,}")


@dataclass(frozen=True, slots=True)
class Identity:
    """A server, and the index among the arguments of the word that names it (-1: the command itself)."""

    server: Server
    argument: int = -1


def identify_url(url: str, transport: Transport = "http") -> Identity:
    """The identity of a remote server: scheme, host, port and path; queries and users are left out."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Identity(Server("url:?", transport, url=""))
    if not parts.hostname:
        return Identity(Server("url:?", transport, url=""))
    default = {"http": 80, "https": 443, "ws": 80, "wss": 443}.get(parts.scheme)
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.lower()
    host = name + (f":{port}" if port and port != default else "")
    shown = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
    return Identity(Server(f"url:{shown}", transport, url=shown))


def program_name(word: str) -> str:
    """A command without its folder and Windows ending: `C:\\x\\npx.cmd` is `npx`."""
    name = PureWindowsPath(word).name if "\\" in word else PurePosixPath(word).name if "/" in word else word
    lower = name.lower()
    for ending in _WINDOWS_ENDINGS:
        if lower.endswith(ending):
            return lower.removesuffix(ending)
    return name


def word_at(words: list[str], index: int) -> str:
    """One word; empty beyond the end."""
    return words[index] if index < len(words) else ""


def options_of(words: list[str], at: int, valued: set[str]) -> tuple[int, dict[str, int]]:
    """Skip options; give the index of the first word that is none, and where each option's value stands."""
    values: dict[str, int] = {}
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        option, has_value, _ = words[at].partition("=")
        if words[at] == "--":
            return at + 1, values
        if option in valued and not has_value:
            values[option] = at + 1
            at += 2
        else:
            values[option] = at
            at += 1
    return at, values


def npm_family(words: list[str], at: int, program: str) -> Identity:
    """`npm exec`, `pnpm dlx`, `bun x` fetch a package; `run` and `start` are scripts of one's own."""
    start, options = options_of(words, at, VALUED["npx"] | {"-C", "--dir", "--cwd"})
    verb = word_at(words, start)
    if verb in ("exec", "x", "dlx"):
        return npm(words, start + 1)
    folder = next(
        (word_at(words, i) for o, i in options.items() if o in ("--prefix", "-C", "--dir", "--cwd")), ""
    )
    if program == "bun":
        return script(words, start + 1 if verb == "run" else at, program)
    named = f"{program} {verb} {word_at(words, start + 1)}" if verb == "run" else f"{program} {verb}"
    return Identity(path_server(folder) if folder else Server(f"command:{named.rstrip()}"), start - 1)


def npm(words: list[str], at: int) -> Identity:
    at, options = options_of(words, at, VALUED["npx"])
    named = options.get("-p", options.get("--package"))
    index = named if named is not None else at
    spec = word_at(words, index)
    spec = spec.partition("=")[2] if named is not None and spec.startswith("-") else spec
    if not spec:
        return Identity(Server("command:npx"))
    if spec.startswith((".", "/", "~")):
        return Identity(path_server(spec), index - 1)
    if spec.startswith(("github:", "git+", "http:", "https:", "git:")):
        return Identity(_git(spec), index - 1)
    name, version = _npm_spec(spec)
    if name == "mcp-remote":
        return remote(words, at + 1)
    if name in ("tsx", "ts-node") and word_at(words, at + 1):
        return script(words, at + 1, name)
    if name == "@smithery/cli" and word_at(words, at + 1) == "run":
        inner, _ = options_of(words, at + 2, {"--client", "--config", "--key", "--profile"})
        return Identity(_smithery(word_at(words, inner)), inner - 1)
    return Identity(Server(f"npm:{name.lower()}", package=Package("npm", name, version)), max(index, at) - 1)


def _git(spec: str) -> Server:
    """A repository, without the branch and the user that its address may name."""
    return Server(f"git:{re.sub('//[^/@]*@', '//', spec.partition('#')[0])}")


def _npm_spec(spec: str) -> tuple[str, str]:
    name, _, version = spec[1:].partition("@")
    return spec[:1] + name, version


def remote(words: list[str], at: int) -> Identity:
    """`mcp-remote URL`: a local bridge to a remote server; the remote one is what counts."""
    for index in range(at, len(words)):
        if words[index].startswith(("http://", "https://", "ws://", "wss://")):
            return Identity(identify_url(words[index]).server, index - 1)
    return Identity(Server("npm:mcp-remote", package=Package("npm", "mcp-remote")), at - 2)


def _smithery(name: str) -> Server:
    return (
        Server(f"npm:{name.lower()}", package=Package("npm", name)) if name else Server("npm:@smithery/cli")
    )


def python_tool(words: list[str], at: int, launcher: str, source_option: str) -> Identity:
    at, options = options_of(words, at, VALUED[launcher])
    source = options.get(source_option)
    spec = word_at(words, source) if source is not None else word_at(words, at)
    spec = spec.partition("=")[2] if spec.startswith(f"{source_option}=") else spec
    if not spec:
        return Identity(Server(f"command:{launcher}"))
    if spec.startswith((".", "/", "~")):
        return Identity(path_server(spec), at - 1)
    if "://" in spec:
        return Identity(_git(spec[spec.find("git+") + 4 if "git+" in spec else 0 :]), at - 1)
    return Identity(_pypi(spec), at - 1)


def uv(words: list[str], at: int) -> Identity:
    """`uv run` and `uv tool run`, with `uv`'s own options before them."""
    start, options = options_of(words, at, VALUED["uvx"])
    if words[start : start + 2] == ["tool", "run"]:
        return python_tool(words, start + 2, "uvx", "--from")
    if word_at(words, start) != "run":
        return Identity(Server("command:uv"))
    return _uv_run(words, start + 1, _folder(words, options))


def _folder(words: list[str], options: dict[str, int]) -> str:
    for option in ("--directory", "--project"):
        if option in options:
            return word_at(words, options[option]).removeprefix(f"{option}=")
    return ""


def _uv_run(words: list[str], at: int, folder: str) -> Identity:
    """A script, a module, or a console command of the project in `--directory`."""
    at, options = options_of(
        words, at, {*VALUED["uvx"], "-m", "--module", "-s", "--script", "--extra", "--group"}
    )
    folder = _folder(words, options) or folder
    for option in ("-m", "--module", "-s", "--script"):
        if option in options and word_at(words, options[option]):
            word = word_at(words, options[option])
            server = path_server(word, folder) if option in ("-s", "--script") else Server(f"module:{word}")
            return Identity(server, options[option] - 1)
    program = word_at(words, at)
    if program in ("mcp", "fastmcp") and word_at(words, at + 1) == "run" and word_at(words, at + 2):
        return Identity(path_server(word_at(words, at + 2).partition(":")[0], folder), at + 1)
    if program_name(program) in INTERPRETERS:
        return script(words, at + 1, program_name(program), folder)
    if folder or program.endswith(".py"):
        return Identity(path_server(program, folder), at - 1)
    with_package = options.get("--with")
    if with_package is not None:
        return Identity(_pypi(word_at(words, with_package)), at - 1)
    return Identity(
        program_server(program, program_name(program)) if program else Server("command:uv"), at - 1
    )


def _pypi(spec: str) -> Server:
    name, version = spec, ""
    for mark in ("===", "==", ">=", "<=", "~=", "!=", "@", ">", "<"):
        if mark in spec:
            name, _, version = spec.partition(mark)
            version = version if mark in ("==", "===", "@") else mark + version
            break
    name = name.partition("[")[0].strip()
    normal = name.lower().replace("_", "-")
    return Server(f"pypi:{normal}", package=Package("pypi", name, version.strip()))


def container(words: list[str], at: int, program: str) -> Identity:
    at, _ = options_of(words, at, VALUED["docker"])
    if word_at(words, at) == "mcp":
        return Identity(Server(f"command:{program} mcp"), at - 1)
    if word_at(words, at) == "compose" or word_at(words, at) not in ("run", "container"):
        return Identity(Server(f"command:{program} {word_at(words, at)}".rstrip()), at - 1)
    at += 2 if word_at(words, at) == "container" else 1
    while at < len(words) and words[at].startswith("-"):
        alone = words[at] in _DOCKER_ALONE or "=" in words[at] or _DOCKER_LETTERS.fullmatch(words[at])
        short = not words[at].startswith("--") and len(words[at]) > 2 and words[at][1] in "evpuwlh"
        at += 1 if alone or short else 2
    image = word_at(words, at)
    if not image:
        return Identity(Server(f"command:{program} run"))
    name, digest_mark, digest = image.partition("@")
    tag = ""
    if ":" in name.rpartition("/")[2]:
        name, _, tag = name.rpartition(":")
    shown = name.removeprefix("docker.io/").removeprefix("library/").lower()
    version = digest if digest_mark else tag
    return Identity(Server(f"oci:{shown}", package=Package("oci", name, version)), at - 1)


def script(words: list[str], at: int, program: str, folder: str = "") -> Identity:
    family = "python" if program.startswith("py") else program
    if family == "deno" and word_at(words, at) == "run":
        at += 1
    if family == "java" and "-jar" in words[at:]:
        at = words.index("-jar", at) + 1
        return Identity(path_server(word_at(words, at), folder), at - 1)
    while at < len(words) and words[at].startswith("-"):
        if family == "python" and words[at] == "-m" and word_at(words, at + 1):
            return Identity(Server(f"module:{word_at(words, at + 1)}"), at)
        if words[at] in ("-c", "-e", "--eval", "-"):
            return Identity(Server(f"command:{program} {words[at]}"), at)
        at += 2 if words[at] in VALUED.get(family, set()) else 1
    if at >= len(words):
        return Identity(Server(f"command:{program}"))
    if words[at].startswith("jsr:"):
        return Identity(Server(words[at].lower()), at - 1)
    if words[at].startswith("npm:"):
        name, version = _npm_spec(words[at][4:])
        return Identity(Server(f"npm:{name.lower()}", package=Package("npm", name, version)), at - 1)
    return Identity(path_server(words[at], folder), at - 1)


def go(words: list[str], at: int) -> Identity:
    """`go run ./cmd/server`; what it fetches from elsewhere first is no file on this machine."""
    at, before = options_of(words, at, VALUED["go"])
    if word_at(words, at) == "run":
        at, after = options_of(words, at + 1, VALUED["go"])
        target, folder = word_at(words, at), (before | after).get("-C")
        if target.startswith((".", "/", "~")) or target.endswith(".go"):
            return Identity(path_server(target, word_at(words, folder) if folder else ""), at - 1)
    return Identity(Server("command:go"))


def path_server(path: str, folder: str = "") -> Server:
    """A file on this machine; one inside an installed package is that package."""
    parts = path.replace("\\", "/").split("/")
    if "node_modules" in parts:
        inside = parts[len(parts) - parts[::-1].index("node_modules") :]
        name = "/".join(inside[: 2 if inside[:1] and inside[0].startswith("@") else 1])
        # `.bin/x` is a program of a package that its name does not tell.
        if name and not name.startswith("."):
            return Server(f"npm:{name.lower()}", package=Package("npm", name))
    shown = path if not folder or path.startswith(("/", "~")) else f"{folder.rstrip('/')}/{path}"
    return Server(f"path:{shown}")


def program_server(word: str, program: str) -> Server:
    return path_server(word) if "/" in word or "\\" in word else Server(f"command:{program}")
