"""How two descriptions of a resource stand to each other."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.model.resource import Relation, Resource, overlaps, relation

LINEAGE = {
    "calendar.event": ("calendar",),
    "repo.issue": ("repo", "org"),
    "repo": ("org",),
    "worktree": ("file",),
}


def at(text: str) -> Resource:
    """`provider:tenant/kind/path...`; `-` is no kind."""
    provider, _, rest = text.partition(":")
    tenant, kind, *path = rest.split("/")
    kind = "" if kind == "-" else kind
    return Resource(provider, tenant, kind, tuple(path), LINEAGE.get(kind, ()))


EQUAL, CONTAINS, WITHIN = Relation.EQUAL, Relation.CONTAINS, Relation.WITHIN
POSSIBLE, DISJOINT = Relation.POSSIBLE, Relation.DISJOINT
PAIRS = [
    # Providers and tenants.
    ("local:host/file", "local:host/file", EQUAL),
    ("local:host/file", "web:host/file", DISJOINT),
    ("slack:T1/channel", "slack:T1/channel", EQUAL),
    ("slack:T1/channel", "slack:T2/channel", DISJOINT),
    ("slack:T1/channel", "slack:?/channel", POSSIBLE),
    ("slack:?/channel", "slack:?/channel", POSSIBLE),
    ("slack:T1/-", "slack:T2/-", DISJOINT),
    ("slack:T1/-", "slack:?/-", POSSIBLE),
    ("sql:db:5432/database/app", "sql:db:5433/database/app", DISJOINT),
    ("sql:db:5432/database/app", "sql:other:5432/database/app", DISJOINT),
    ("sql:?/database", "sql:db:5432/database/app", POSSIBLE),
    # Kinds and their trees.
    ("google:a/-", "google:a/calendar", CONTAINS),
    ("google:a/-", "google:a/calendar.event", CONTAINS),
    ("google:a/calendar.event", "google:a/-", WITHIN),
    ("google:a/calendar", "google:a/calendar.event", CONTAINS),
    ("google:a/calendar.event", "google:a/calendar", WITHIN),
    ("google:a/calendar", "google:a/drive", DISJOINT),
    ("google:a/calendar.event", "google:a/drive", DISJOINT),
    ("github:o/org", "github:o/repo.issue", CONTAINS),
    ("github:o/repo.issue", "github:o/repo", WITHIN),
    ("google:?/calendar", "google:a/calendar.event", POSSIBLE),
    ("google:a/calendar.event", "google:b/-", DISJOINT),
    # Paths, part by part.
    ("local:host/file/data", "local:host/file/data", EQUAL),
    ("local:host/file/data", "local:host/file/data/x", CONTAINS),
    ("local:host/file/data/x/y", "local:host/file/data", WITHIN),
    ("local:host/file/data", "local:host/file/database", DISJOINT),
    ("local:host/file/data", "local:host/file/other", DISJOINT),
    ("local:host/file/data/a", "local:host/file/data/b", DISJOINT),
    ("local:host/file", "local:host/file/data", CONTAINS),
    ("local:host/file/data", "local:host/file", WITHIN),
    ("local:host/file/?", "local:host/file/data", POSSIBLE),
    ("local:host/file/?", "local:host/file/?", POSSIBLE),
    ("local:host/file/data/?", "local:host/file/data/x", POSSIBLE),
    ("local:host/file/data/?", "local:host/file/other", DISJOINT),
    ("local:host/file", "local:host/file/?", CONTAINS),
    ("local:host/file/data", "local:host/file/data/?", CONTAINS),
    ("sql:db:5432/database", "sql:db:5432/database/app", CONTAINS),
    ("sql:db:5432/database/app", "sql:db:5432/database/log", DISJOINT),
    ("sql:db:5432/database/?", "sql:db:5432/database/log", POSSIBLE),
    # Kinds and paths together.
    ("local:host/-", "local:host/file/data", CONTAINS),
    ("local:host/file/data", "local:host/-", WITHIN),
    ("github:o/repo/app", "github:o/repo.issue", POSSIBLE),
    ("github:o/repo", "github:o/repo.issue/app", CONTAINS),
    ("local:host/file/data", "local:host/exec", DISJOINT),
]
OPPOSITE = {CONTAINS: WITHIN, WITHIN: CONTAINS}


@pytest.mark.parametrize(("a", "b", "stands"), PAIRS)
def test_relation(a: str, b: str, stands: Relation) -> None:
    assert relation(at(a), at(b)) is stands
    assert relation(at(b), at(a)) is OPPOSITE.get(stands, stands)
    assert overlaps(at(a), at(b)) is (stands is not DISJOINT)


KNOWN = st.builds(
    lambda provider, tenant, kind, path: Resource(provider, tenant, kind, tuple(path), LINEAGE.get(kind, ())),
    st.sampled_from(["p", "q"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "org", "repo", "repo.issue", "file", "worktree"]),
    st.lists(st.sampled_from("xyz"), max_size=3),
)
ANY = st.builds(
    lambda one, tenant, tail: Resource(
        one.provider, tenant or one.tenant, one.kind, (*one.path, *tail), one.lineage
    ),
    KNOWN,
    st.sampled_from(["", "", "?"]),
    st.sampled_from([(), (), ("?",)]),
)


@given(KNOWN)
def test_a_known_resource_equals_itself(one: Resource) -> None:
    assert relation(one, one) is EQUAL


@given(ANY, ANY)
def test_both_directions_agree(a: Resource, b: Resource) -> None:
    stands = relation(a, b)
    assert relation(b, a) is OPPOSITE.get(stands, stands)
    if stands is EQUAL:
        assert (a.provider, a.tenant, a.kind, a.path) == (b.provider, b.tenant, b.kind, b.path)


def test_containment_is_transitive() -> None:
    all_kinds = ("", "org", "repo", "repo.issue")
    paths: tuple[tuple[str, ...], ...] = ((), ("x",), ("x", "y"))
    universe = [Resource("p", "a", kind, path, LINEAGE.get(kind, ())) for kind in all_kinds for path in paths]
    chains = [
        (a, b, c) for a, b, c in product(universe, repeat=3) if relation(a, b) is relation(b, c) is CONTAINS
    ]
    assert len(chains) > 20
    assert all(relation(a, c) in (CONTAINS, POSSIBLE) for a, b, c in chains)


@given(ANY, ANY)
def test_an_unknown_tenant_proves_nothing(a: Resource, b: Resource) -> None:
    if "?" in (a.tenant, b.tenant) or (a.path[-1:] == ("?",) and a.path == b.path):
        assert relation(a, b) in (POSSIBLE, DISJOINT)


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (at("slack:?/channel"), "slack:?/channel"),
        (at("sql:db:5432/database/app"), "sql:db:5432/app"),
        (Resource("local", "host", "file", ("a b", "c/d", "e%f")), "local:host/file/a b/c%2Fd/e%25f"),
        (Resource("local", "host", "file", ("h", "me", "x"), (), (("~", "x"), (".",))), "local:host/file/."),
        (Resource("web", "internet"), "web:internet"),
    ],
)
def test_how_reports_name_it(resource: Resource, text: str) -> None:
    assert str(resource) == text
