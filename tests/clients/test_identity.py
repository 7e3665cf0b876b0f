"""Command lines and URLs to servers: by what they launch or call, never by a name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcpaudit.clients.identity import identify, identify_url

DIGEST = "sha256:" + "a" * 64
# Command line (words parted by spaces, `·` for a space inside a word), server id, version, pinned.
PACKAGES = [
    ("npx -y server-x", "npm:server-x", "", False),
    ("npx server-x@1.2.3", "npm:server-x", "1.2.3", True),
    ("npx --yes @Acme/Server@1.2.3-beta.1 /data", "npm:@acme/server", "1.2.3-beta.1", True),
    ("npx -y @acme/server@latest", "npm:@acme/server", "latest", False),
    ("npx -y @acme/server@^1.2.3", "npm:@acme/server", "^1.2.3", False),
    ("npx -y @acme/server@1.x", "npm:@acme/server", "1.x", False),
    ("npx -y -p @acme/server@2.0.0 server-bin --flag", "npm:@acme/server", "2.0.0", True),
    ("npx --package=@acme/server@2.0.0 -- server-bin", "npm:@acme/server", "2.0.0", True),
    ("npx --package @acme/server server-bin", "npm:@acme/server", "", False),
    ("npx -p @acme/server", "npm:@acme/server", "", False),
    ("npx --registry https://npm.acme.example @acme/server", "npm:@acme/server", "", False),
    ("npx -y -- server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("bunx server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("bunx --bun @acme/server", "npm:@acme/server", "", False),
    ("bun x @acme/server@1.0.0", "npm:@acme/server", "1.0.0", True),
    ("pnpx server-x", "npm:server-x", "", False),
    ("pnpm dlx @acme/server@3.1.4", "npm:@acme/server", "3.1.4", True),
    ("pnpm --silent dlx server-x", "npm:server-x", "", False),
    ("yarn dlx server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("npm exec -- server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("npm exec --yes @acme/server", "npm:@acme/server", "", False),
    ("npm x server-x", "npm:server-x", "", False),
    ("uvx mcp-server-git", "pypi:mcp-server-git", "", False),
    ("uvx mcp_server_git==2.0.1 --repository .", "pypi:mcp-server-git", "2.0.1", True),
    ("uvx mcp-server-git@2.0.1", "pypi:mcp-server-git", "2.0.1", True),
    ("uvx mcp-server-git@latest", "pypi:mcp-server-git", "latest", False),
    ("uvx mcp-server-git>=2", "pypi:mcp-server-git", ">=2", False),
    ("uvx mcp-server-git==2.*", "pypi:mcp-server-git", "2.*", False),
    ("uvx --from mcp-server-git==2.0.1 git-tool --x", "pypi:mcp-server-git", "2.0.1", True),
    ("uvx --from=Acme_Tools[all]==1.0 tool", "pypi:acme-tools", "1.0", True),
    ("uvx --from acme-tools", "pypi:acme-tools", "", False),
    ("uvx --python 3.12 --with extra acme-tools", "pypi:acme-tools", "", False),
    ("uvx --default-index https://pypi.acme.example/simple acme-tools", "pypi:acme-tools", "", False),
    ("uvx -q --refresh acme-tools", "pypi:acme-tools", "", False),
    ("uv tool run acme-tools==1.0", "pypi:acme-tools", "1.0", True),
    ("uv tool run --from acme-tools==1.0 tool", "pypi:acme-tools", "1.0", True),
    ("uv run --with acme-tools==1.0 tool", "pypi:acme-tools", "1.0", True),
    ("pipx run acme-tools==1.0", "pypi:acme-tools", "1.0", True),
    ("pipx run --spec acme-tools==1.0 tool", "pypi:acme-tools", "1.0", True),
    ("docker run -i --rm mcp/postgres postgres://db", "oci:mcp/postgres", "", False),
    ("docker run -i --rm mcp/postgres:1.0", "oci:mcp/postgres", "1.0", False),
    (f"docker run --rm -i mcp/postgres@{DIGEST}", "oci:mcp/postgres", DIGEST, True),
    (f"docker run --rm -i mcp/postgres:1.0@{DIGEST}", "oci:mcp/postgres", DIGEST, True),
    ("docker run -e A=1 -e B -i --rm mcp/x", "oci:mcp/x", "", False),
    ("docker run -eA=1 --env=B=2 --env-file .env mcp/x", "oci:mcp/x", "", False),
    ("docker run -v /a:/b:ro --mount type=bind,src=/a,dst=/b mcp/x /b", "oci:mcp/x", "", False),
    ("docker run -dit --network host --pull=always mcp/x", "oci:mcp/x", "", False),
    ("docker run --rm=true --init --privileged --name n --gpus all mcp/x", "oci:mcp/x", "", False),
    ("docker run -p 8080:80 -w /app -u 1000 -h box mcp/x", "oci:mcp/x", "", False),
    ("docker container run -i mcp/x", "oci:mcp/x", "", False),
    ("docker --context remote run -i mcp/x", "oci:mcp/x", "", False),
    ("docker run docker.io/library/x:2", "oci:x", "2", False),
    ("docker run GHCR.io/Acme/Server:latest", "oci:ghcr.io/acme/server", "latest", False),
    ("docker run localhost:5000/acme/server", "oci:localhost:5000/acme/server", "", False),
    ("docker run localhost:5000/acme/server:2.1", "oci:localhost:5000/acme/server", "2.1", False),
    ("podman run --replace --rm -i quay.io/acme/server", "oci:quay.io/acme/server", "", False),
    ("/usr/local/bin/docker run mcp/x", "oci:mcp/x", "", False),
    ("deno run -A npm:@acme/server@1.0.0", "npm:@acme/server", "1.0.0", True),
    ("deno run --allow-net=api.acme.example npm:server-x", "npm:server-x", "", False),
    ("npx -y @smithery/cli@latest run @acme/server --key abc", "npm:@acme/server", "", False),
    ("npx -y @smithery/cli run server-x", "npm:server-x", "", False),
    ("cmd /c npx -y server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("cmd.exe /d /s /c npx server-x", "npm:server-x", "", False),
    ("C:\\Program·Files\\nodejs\\npx.cmd -y server-x", "npm:server-x", "", False),
    ("NPX.CMD -y server-x", "npm:server-x", "", False),
    ("env A=b C=d npx -y server-x", "npm:server-x", "", False),
    ("/usr/bin/env -u HOME A=b npx server-x", "npm:server-x", "", False),
    ("sudo -u nobody npx server-x", "npm:server-x", "", False),
    ("bash -c npx·-y·server-x@1.0.0", "npm:server-x", "1.0.0", True),
    ("sh -lc exec·npx·server-x", "npm:server-x", "", False),
    ("node /opt/x/node_modules/@acme/server/dist/index.js", "npm:@acme/server", "", False),
    ("node --inspect ./node_modules/server-x/index.js", "npm:server-x", "", False),
]
OTHERS = [
    ("go run ./cmd/server --x", "path:./cmd/server"),
    ("go run -tags x main.go", "path:main.go"),
    ("go -C /srv run .", "path:/srv/."),
    ("go run example.com/acme/server@latest", "command:go"),
    ("go run", "command:go"),
    ("./node_modules/.bin/server-x", "path:./node_modules/.bin/server-x"),
    ("node /srv/server.js --flag", "path:/srv/server.js"),
    ("node --env-file .env build/index.js", "path:build/index.js"),
    ("node C:\\srv\\server.js", "path:C:\\srv\\server.js"),
    ("python /srv/server.py", "path:/srv/server.py"),
    ("python3.12 -u /srv/server.py", "path:/srv/server.py"),
    ("/srv/.venv/bin/python -m acme.server --x", "module:acme.server"),
    ("py -3 -m acme", "module:acme"),
    ("python -m", "command:python"),
    ("uv run server.py", "path:server.py"),
    ("uv run --directory /srv/app server.py", "path:/srv/app/server.py"),
    ("uv --directory /srv/app run server.py", "path:/srv/app/server.py"),
    ("uv --directory=/srv/app run acme-server", "path:/srv/app/acme-server"),
    ("uv run --project /srv/app python main.py", "path:/srv/app/main.py"),
    ("uv run -m acme.server", "module:acme.server"),
    ("uv run --with mcp[cli] mcp run /srv/server.py", "path:/srv/server.py"),
    ("uv run --with fastmcp fastmcp run /srv/server.py:app", "path:/srv/server.py"),
    ("bun run /srv/index.ts", "path:/srv/index.ts"),
    ("bun /srv/index.ts", "path:/srv/index.ts"),
    ("npx tsx /srv/index.ts", "path:/srv/index.ts"),
    ("npx ./local/server", "path:./local/server"),
    ("npm run serve", "command:npm run serve"),
    ("npm --prefix /srv/app start", "path:/srv/app"),
    ("deno run jsr:@acme/server", "jsr:@acme/server"),
    ("java -Xmx1g -jar /srv/server.jar", "path:/srv/server.jar"),
    ("npx -y github:acme/server#main", "git:github:acme/server"),
    ("uvx --from git+https://github.com/acme/server@main tool", "git:https://github.com/acme/server@main"),
    ("uvx --from git+https://bot:pw@github.com/acme/server tool", "git:https://github.com/acme/server"),
    ("uvx --from acme@git+https://github.com/acme/server tool", "git:https://github.com/acme/server"),
    ("npx -y mcp-remote https://mcp.acme.example/sse?key=1 --header A:b", "url:https://mcp.acme.example/sse"),
    ("npx -y mcp-remote@latest --allow-http http://mcp.acme.example:80/", "url:http://mcp.acme.example"),
    ("mcp-remote https://mcp.acme.example/mcp", "url:https://mcp.acme.example/mcp"),
    ("npx mcp-remote", "npm:mcp-remote"),
    # Another package whose name only begins like the bridge.
    ("npx mcp-remote-files https://mcp.acme.example", "npm:mcp-remote-files"),
    ("bash -c cd·/srv·&&·npx·server-x", "command:bash -c"),
    ("bash -c 'unfinished", "command:bash -c"),
    ("bash /srv/start.sh", "path:/srv/start.sh"),
    ("/opt/acme/server --stdio", "path:/opt/acme/server"),
    ("acme-server --stdio", "command:acme-server"),
    ("docker compose run x", "command:docker compose"),
    ("docker mcp gateway run", "command:docker mcp"),
    ("docker run", "command:docker run"),
    ("docker", "command:docker"),
    ("npx", "command:npx"),
    ("uvx", "command:uvx"),
    ("uv", "command:uv"),
    ("env", "command:?"),
    ("env A=b", "command:?"),
    ("", "command:?"),
]


def words(line: str) -> tuple[str, list[str]]:
    command, *args = (word.replace("·", " ") for word in line.split(" "))
    return command, args


@pytest.mark.parametrize(("line", "server", "version", "pinned"), PACKAGES)
def test_packages(line: str, server: str, version: str, pinned: bool) -> None:
    command, args = words(line)
    found = identify(command, args)
    assert found.server.id == server
    assert found.server.package is not None
    assert (found.server.package.version, found.server.package.pinned) == (version, pinned)


@pytest.mark.parametrize(("line", "server"), OTHERS)
def test_what_is_no_published_package(line: str, server: str) -> None:
    command, args = words(line)
    found = identify(command, args).server
    assert found.id == server
    assert found.package is None or found.id == "npm:mcp-remote" or "mcp-remote-files" in line


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("npx -y @acme/server@1.0.0 /data --ro", ["/data", "--ro"]),
        ("npx -p @acme/server bin /data", ["/data"]),
        ("npx -p @acme/server", []),
        ("uvx --from acme tool /data", ["/data"]),
        ("uvx --from acme", []),
        ("docker run -i -v /data:/in mcp/x /in", ["/in"]),
        ("python -m acme.server /data", ["/data"]),
        ("python -m", ["-m"]),
        ("cmd /c npx -y server-x /data", ["/data"]),
        ("/opt/server /data", ["/data"]),
        ("uv --directory /srv run server.py /data", ["/data"]),
        ("bash -c cd·/a·&&·b", ["-c", "cd /a && b"]),
    ],
)
def test_the_arguments_of_the_server_itself(line: str, own: list[str]) -> None:
    command, args = words(line)
    assert args[identify(command, args).argument + 1 :] == own


WORDS = st.sampled_from(
    [
        "npx",
        "-y",
        "-p",
        "--package=",
        "npm",
        "exec",
        "x",
        "dlx",
        "run",
        "bunx",
        "bun",
        "pnpm",
        "uv",
        "uvx",
        "--from",
        "tool",
        "pipx",
        "--spec",
        "docker",
        "-v",
        "-e",
        "--rm",
        "-it",
        "container",
        "node",
        "python",
        "-m",
        "-c",
        "--",
        "-",
        "bash",
        "sh",
        "env",
        "A=b",
        "cmd",
        "/c",
        "sudo",
        "exec",
        "deno",
        "npm:",
        "jsr:",
        "mcp-remote",
        "@smithery/cli",
        "@",
        "@a/b",
        "@a/b@1",
        "https://x.example",
        "http://[",
        "git+https://a@b/c",
        ".",
        "./a",
        "/a/b.py",
        "C:\\a.exe",
        "node_modules",
        "/node_modules/@",
        "'unclosed",
        "{}",
        "${X}",
        "java",
        "-jar",
        "tsx",
        "--directory",
        "--with",
    ]
) | st.text(max_size=6)


@given(WORDS, st.lists(WORDS, max_size=7))
@example("java", ["npm:"])
def test_any_command_line_is_identified(command: str, args: list[str]) -> None:
    found = identify(command, args)
    assert -1 <= found.argument < max(len(args), 0) or found.argument == -1
    assert ":" in found.server.id
    assert found.server.id == identify(command, args).server.id


@pytest.mark.parametrize("wrapper", [["sudo"], ["env"], ["cmd", "/c"], ["env", "A=b"], ["npx"], ["bash"]])
def test_a_tower_of_wrappers_is_no_trap(wrapper: list[str]) -> None:
    assert identify(wrapper[0], [*wrapper[1:], *wrapper * 20_000, "npx", "server-x"]).server.id


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://mcp.acme.example/mcp", "url:https://mcp.acme.example/mcp"),
        ("HTTPS://MCP.Acme.Example:443/mcp/", "url:https://mcp.acme.example/mcp"),
        ("http://mcp.acme.example:80", "url:http://mcp.acme.example"),
        ("http://mcp.acme.example:8080/a", "url:http://mcp.acme.example:8080/a"),
        ("https://user:pw@mcp.acme.example/a?token=x#y", "url:https://mcp.acme.example/a"),
        ("wss://mcp.acme.example:443/a", "url:wss://mcp.acme.example/a"),
        ("http://[::1]:3000/mcp", "url:http://[::1]:3000/mcp"),
        ("https://mcp.acme.example/A", "url:https://mcp.acme.example/A"),
        ("mcp.acme.example/mcp", "url:?"),
        ("/mcp", "url:?"),
        ("", "url:?"),
        ("https://", "url:?"),
        ("https://mcp.acme.example:port/", "url:?"),
        ("https://mcp.acme.example:99999/", "url:?"),
        ("http://[::1", "url:?"),
        ("http://a\u2100b.example", "url:?"),
    ],
)
def test_urls(url: str, server: str) -> None:
    found = identify_url(url).server
    assert found.id == server
    assert found.url == ("" if server == "url:?" else server.removeprefix("url:"))


@given(st.text(max_size=40), st.text(alphabet="abc123", min_size=4, max_size=9), st.text(max_size=5))
def test_users_and_queries_never_stand_in_an_id(path: str, secret: str, user: str) -> None:
    assert identify_url(path).server.id.startswith("url:")
    word = f"CANARY{secret}"
    assert word not in identify_url(f"https://u:{word}@host.example/p?k={word}#{word}").server.id
