"""What scopes allow, by the packs and by what providers publish."""

import pytest

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.scopes import Allowance, allowance, scope_of

PACKS = Packs.shipped()
GOOGLE = "https://www.googleapis.com/auth/"


def allowed(name: str, *providers: str) -> Allowance:
    found = allowance(name, providers, PACKS)
    assert found is not None
    return found


def test_a_scope_of_a_pack_brings_what_it_implies() -> None:
    found = allowed("repo", "github")
    assert (found.provider, found.level) == ("github", 5)
    assert "repo.security_alert" in {grant.on for grant in found.grants}
    assert dict(found.by_kind())["repo.code"] == ("delete",)


def test_what_a_pattern_says_is_not_said_again_of_its_kinds() -> None:
    kinds = dict(allowed("calendar.readonly", "google").by_kind())
    assert kinds == {"calendar.**": ("read",)}


def test_the_providers_own_name_for_it_is_the_same_scope() -> None:
    full, short = allowed(f"{GOOGLE}gmail.modify"), allowed("gmail.modify", "google")
    assert full.grants == short.grants
    assert (full.name, short.name) == (f"{GOOGLE}gmail.modify", "gmail.modify")


def test_a_scope_that_begins_with_a_providers_address_is_that_providers() -> None:
    assert allowed("https://graph.microsoft.com/Mail.Send", "google").provider == "microsoft-graph"
    assert allowed("https://mail.google.com/").provider == "google"
    assert allowance(f"{GOOGLE}repo", ("github",), PACKS) is None


def test_a_google_scope_of_no_pack_allows_at_least_what_its_methods_do() -> None:
    found = allowed(f"{GOOGLE}webmasters.readonly")
    assert found.by_kind() == (("searchconsole.**", ("read",)), ("webmasters.**", ("read",)))
    assert dict(allowed(f"{GOOGLE}webmasters").by_kind())["webmasters.**"] == ("read", "write", "delete")
    assert not found.complete
    assert allowed(f"{GOOGLE}gmail.modify").complete


@pytest.mark.parametrize(
    ("name", "kind", "actions", "level"),
    [
        # The pack says what it is on; the level is Microsoft's.
        ("Mail.Send", "mail.message", ("send",), 3),
        # Not in the pack: its resource's other scopes say on what, and its name what is done.
        ("Mail.ReadBasic.All", "mail.message", ("list",), 3),
        # A resource that the pack does not have stands by its name.
        ("Bookings.Manage.All", "bookings", ("read", "create", "write", "delete", "admin"), 3),
    ],
)
def test_graph_permissions(name: str, kind: str, actions: tuple[str, ...], level: int) -> None:
    found = allowed(name, "microsoft-graph")
    assert (kind, actions) in found.by_kind()
    assert found.level == level


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("repos", "github"),
        ("Calls.AccessMedia.All", "microsoft-graph"),
        ("x.readonly", "google"),
        ("repo", "no"),
    ],
)
def test_what_is_not_known_is_no_scope(name: str, provider: str) -> None:
    assert allowance(name, (provider,), PACKS) is None
    assert scope_of(provider, name, PACKS) is None


def test_every_scope_of_every_pack_has_a_level() -> None:
    levels = [
        scope.level for one in PACKS.providers() if (pack := PACKS.get(one)) for scope in pack.scopes.values()
    ]
    assert set(levels) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("provider", "name", "level"),
    [
        ("github", "read:org", 1),  # sees what nobody minds
        ("google", "calendar.events.readonly", 2),  # sees what is private
        ("google", "documents.readonly", 2),  # which it is as part of what contains it
        ("google", "gmail.send", 4),  # sends from there
        ("airtable", "webhook:manage", 3),  # deletes what nobody minds
        ("aws", "AdministratorAccess", 5),
        ("atlassian", "offline_access", 1),  # allows nothing by itself
    ],
)
def test_levels(provider: str, name: str, level: int) -> None:
    found = scope_of(provider, name, PACKS)
    assert found is not None
    assert found.level == level
