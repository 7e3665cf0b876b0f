"""What holds of all comparisons: spellings are drawn from the tables and mixed with generated ones."""

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.access.databases import database
from mcpaudit.access.hosts import host, origin
from mcpaudit.access.paths import Anchors
from mcpaudit.access.remotes import remote
from mcpaudit.access.tenants import tenant
from mcpaudit.model.relation import Relation
from mcpaudit.model.resource import UNKNOWN, Resource, relation
from mcpaudit.model.site import Platform
from tests.access.test_overlap import ANCHORS, read, table

EQUAL, CONTAINS, WITHIN = Relation.EQUAL, Relation.CONTAINS, Relation.WITHIN
POSSIBLE, DISJOINT = Relation.POSSIBLE, Relation.DISJOINT
OPPOSITE = {CONTAINS: WITHIN, WITHIN: CONTAINS}
PLATFORMS: tuple[Platform, ...] = ("linux", "macos", "windows")


def here(platform: Platform) -> Anchors:
    return Anchors(*ANCHORS[platform], platform)


@cache
def pools() -> tuple[tuple[Resource, ...], ...]:
    """The resources of the tables, those that can stand on one machine together."""
    found: dict[tuple[str, str], dict[Resource, None]] = {}
    for group in table():
        if group["spelled"] == "entry":
            continue
        key = (group["spelled"].replace("variables", "database"), group.get("platform", "linux"))
        for pair in group["pairs"]:
            for text in pair[:2]:
                found.setdefault(key, {})[read(group, text, Path(), "x")] = None
    return tuple(tuple(pool) for pool in found.values())


PART = st.sampled_from(["a", "A", "b", "..", ".", "", "$X", "${Y}", "a b", "é", "~1", "ａ", "x.", "?"])
STARTS = "/ ~/ ./ ../ $HOME/ $X/ C:\\ c:/ /mnt/c/ \\\\srv\\s\\ \\\\wsl$\\U\\ file:/// // %APPDATA%\\"
PATHS = st.builds(
    lambda start, parts, sep: start + sep.join(parts),
    st.sampled_from(["", "${workspaceFolder}/", *STARTS.split()]),
    st.lists(PART, max_size=5),
    st.sampled_from("/\\"),
)


@st.composite
def sets(draw: st.DrawFn, size: int) -> tuple[Resource, ...]:
    """Some resources that can be compared: of one table, or paths of one machine."""
    if draw(st.booleans()):
        platform = draw(st.sampled_from(PLATFORMS))
        links: dict[str, str] = draw(
            st.dictionaries(st.sampled_from(["/a", "/a/b", "/b"]), PATHS, max_size=3)
        )
        where = Anchors(*ANCHORS[platform], platform, links.get)
        return tuple(where.file(draw(PATHS)) for _ in range(size))
    pool = draw(st.sampled_from(pools()))
    return tuple(draw(st.sampled_from(pool)) for _ in range(size))


def known(one: Resource) -> bool:
    return UNKNOWN not in (one.tenant, *one.path) and ":?" not in one.tenant


@given(sets(1))
def test_what_is_known_equals_itself_and_what_is_not_may(ones: tuple[Resource, ...]) -> None:
    (one,) = ones
    assert relation(one, one) is (EQUAL if known(one) else POSSIBLE)


@settings(max_examples=500, deadline=None)
@given(sets(2))
def test_both_directions_agree(pair: tuple[Resource, ...]) -> None:
    a, b = pair
    stands = relation(a, b)
    assert relation(b, a) is OPPOSITE.get(stands, stands)


@settings(max_examples=500, deadline=None)
@given(sets(2))
def test_nothing_is_certain_with_an_unknown_part(pair: tuple[Resource, ...]) -> None:
    a, b = pair
    stands = relation(a, b)
    if stands is EQUAL:
        assert known(a)
        assert known(b)
    if stands is CONTAINS:
        assert known(a), "the outer one is known as a whole"


@settings(max_examples=1000, deadline=None)
@given(sets(3))
def test_containment_is_transitive_and_equals_may_stand_for_each_other(three: tuple[Resource, ...]) -> None:
    a, b, c = three
    if relation(a, b) is relation(b, c) is CONTAINS:
        assert relation(a, c) is CONTAINS
    if relation(a, b) is EQUAL:
        assert relation(a, c) is relation(b, c)
    if relation(a, b) is CONTAINS and relation(b, c) is EQUAL:
        assert relation(a, c) is CONTAINS


@settings(max_examples=300, deadline=None)
@given(PATHS, st.sampled_from(PLATFORMS))
def test_a_paths_normal_form_is_its_own(text: str, platform: Platform) -> None:
    one = here(platform).file(text)
    again = here(platform).file(spelled(one.path, platform)) if known(one) else one
    assert relation(one, again) is (EQUAL if known(one) else POSSIBLE)


def spelled(parts: tuple[str, ...], platform: Platform) -> str:
    """A path as people write it whose parts are these."""
    if parts and parts[0].startswith("//"):
        return "\\" * 2 + "\\".join((parts[0][2:], *parts[1:]))
    if platform == "windows":
        return "\\".join(parts) + "\\"
    if parts and len(parts[0]) == 2 and parts[0].endswith(":"):
        return "/".join(("/mnt", parts[0][0], *parts[1:]))
    return "/" + "/".join(parts)


SCHEMES = (
    "postgres mysql+pymysql jdbc:mysql mssql mongodb mongodb+srv redis clickhouse oracle neo4j+s snowflake"
)
PLACES = "h.example H.example. localhost [::1] 10.0.0.1 ${HOST} h1,h2 bücher.example"
ADDRESS = st.builds(
    lambda scheme, user, place, port, name, query: f"{scheme}://{user}{place}{port}/{name}{query}",
    st.sampled_from(["sqlite", *SCHEMES.split()]),
    st.sampled_from(["", "u@", "u:***@", "a%40b@"]),
    st.sampled_from(["", *PLACES.split()]),
    st.sampled_from(["", ":1", ":${PORT}", ":x"]),
    st.sampled_from(["", "app", "${NAME}", "a/b", "a%20b", "0"]),
    st.sampled_from(["", "?a=b", "?host=g.example", "?database=x&service_name=y", "#z"]),
)


@settings(max_examples=300, deadline=None)
@given(ADDRESS)
def test_a_databases_normal_form_is_its_own(address: str) -> None:
    found = database(address, here("linux"), owner="x")
    if found is None or found.provider == "local" or not known(found):
        return
    scheme = address.removeprefix("jdbc:").partition("://")[0]
    shown = found.tenant.replace(":srv", "")
    name = (found.path[0] if found.path else "").replace(" ", "%20")
    rest = f"?service_name={name}" if scheme == "oracle" else name
    assert database(f"{scheme}://{shown}/{rest}", here("linux")) == found


HOSTS = "h.example H.Example. LOCALHOST ::1 [2001:DB8::1] 127.1.2.3 Bücher.example a.localhost 2130706433"


@given(st.sampled_from([*HOSTS.split(), "host.docker.internal"]))
def test_a_hosts_normal_form_is_its_own(text: str) -> None:
    assert host(host(text)) == host(text)
    assert origin(f"https://{host(text)}") == (host(text), ())


REMOTES = "git@github.com:Acme/Api.git ssh://git@ssh.github.com:443/a/b git@h.example:a/b/c git://gitlab.com/g/p.git"


@given(st.sampled_from(REMOTES.split()))
def test_a_remotes_normal_form_is_its_own(text: str) -> None:
    found = remote(text, {})
    assert found is not None
    assert remote(f"https://{found.tenant}/{'/'.join(found.path)}", {}) == found


STARTS_OF_ANY = "postgres:// jdbc: Server= host= \\\\ file: C: ssh:// git@ https://[ ~ $ mongodb://,"
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(STARTS_OF_ANY.split()),
        st.text(alphabet="/\\:@[]${}%?#;=,.'\" ~aé\x00\ud800", max_size=20),
    ),
)


@settings(max_examples=500, deadline=None)
@given(HOSTILE, st.sampled_from(PLATFORMS), st.sampled_from(["AWS_PROFILE", "GITLAB_URL", "TENANT_ID", "X"]))
def test_nothing_raises(text: str, platform: Platform, variable: str) -> None:
    where = Anchors(*ANCHORS[platform], platform, lambda path: text if path.endswith("a") else None)
    found: list[Any] = [
        where.file(text),
        database(text, where),
        remote(text, {text[:2]: text}),
        Resource("web", *_web(text)),
        Resource("aws", tenant(variable, text)),
    ]
    for a in found:
        for b in found:
            assert a is None or b is None or relation(a, b) in Relation
            assert str(a)


def _web(text: str) -> tuple[str, str, tuple[str, ...]]:
    at, path = origin(text)
    return at, "http", path


def test_many_links_and_parts_take_bounded_time() -> None:
    deep = "/".join("a" * 3 for _ in range(50_000))
    where = Anchors("/h", "/h/p", "linux", lambda path: "x/" * 400 if path.endswith("/aaa") else None)
    assert UNKNOWN in where.file("/" + deep).path
    assert here("linux").file("/" + deep).path == (UNKNOWN,)
    for text in ("${" * 30_000, "postgres://" + "${" * 30_000, "git@" + "${" * 30_000 + ":x", "a:" * 30_000):
        assert database(text, here("linux")) is None
        assert remote(text, {}) is None
        assert here("linux").file(text).path
    assert database("postgres://h/app?" + "a=b&" * 500, here("linux")) is not None
