"""Closure, least, spare and lacking scopes, on packs small enough to see why."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.access.scopes import Atom, Scopes, Spare, for_signing_in
from mcpaudit.knowledge.pack import Packs

PACKS = Packs.shipped()
PACK = """pack: 1
provider: acme
title: Acme
resources:
  post: {}
  post.comment: {parent: post}
  secret: {}
scopes:
  all: {grants: [{on: "post.**", do: [read, create, write, delete]}], implies: [edit]}
  edit: {grants: [{on: post, do: [read, create, write]}], implies: [view, view]}
  view: {grants: [{on: "post.**", do: [read]}]}
  mine: {grants: [{on: post, do: [read], where: {owner: self}}]}
  public: {grants: [{on: post, do: [read, write], where: {visibility: public}}]}
  names: {grants: [{on: post, do: [list]}]}
  say: {grants: [{on: post.comment, do: [create, send]}]}
  openid: {}
unscoped:
  - {on: secret, do: [read]}
  - {on: post.comment, do: [read], where: {visibility: public}}
"""


def acme(folder: Path) -> Scopes:
    (folder / "acme.yaml").write_text(PACK)
    packs = Packs.load(folder)
    pack = packs.get("acme")
    assert pack is not None
    return Scopes(pack, packs)


def shipped(provider: str) -> Scopes:
    pack = PACKS.get(provider)
    assert pack is not None
    return Scopes(pack, PACKS)


READ, WRITE, DELETE = Atom("post", "read"), Atom("post", "write"), Atom("post", "delete")


def test_a_closure_follows_what_scopes_contain_and_skips_what_is_not_known(tmp_path: Path) -> None:
    assert acme(tmp_path).closure(["all", "nonsense"]) == {"all", "edit", "view"}


def test_a_scope_is_known_by_its_name_and_by_its_address() -> None:
    google = shipped("google")
    assert google.known("https://www.googleapis.com/auth/gmail.modify") == "gmail.modify"
    assert google.known("https://mail.google.com/") == "https://mail.google.com/"
    assert google.known("https://www.googleapis.com/auth/nonsense") is None
    assert for_signing_in("https://www.googleapis.com/auth/userinfo.email")


def test_the_least_is_the_smallest_for_each_without_what_adds_nothing(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    assert scopes.least([READ]) == ("mine",)
    assert scopes.least([WRITE]) == ("edit",)
    assert scopes.least([READ, WRITE]) == ("edit",)
    assert scopes.least([READ, WRITE, DELETE]) == ("all",)
    assert scopes.least([]) == ()


def test_what_takes_no_scope_needs_none(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    assert scopes.free(Atom("secret", "read")) is True
    assert scopes.least([Atom("secret", "read")]) == ()
    assert scopes.free(Atom("post.comment", "read")) is None
    assert scopes.lacking([], [Atom("post.comment", "read")]) == {}


def test_what_is_sent_is_made_by_sending_and_what_is_read_is_listed(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    assert scopes.atoms("post.comment", {"create", "send"}) == {Atom("post.comment", "send")}
    assert scopes.atoms("post", {"create", "send"}) == {Atom("post", "create")}
    assert scopes.atoms("post", {"list", "read"}) == {READ}


def test_spare_is_what_nothing_needs_or_what_a_smaller_one_would_do_for(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    assert scopes.spare(["all"], [READ]) == (Spare("all", ("view",)),)
    assert scopes.spare(["all"], [DELETE]) == ()
    assert scopes.spare(["say", "view"], [READ]) == (Spare("say", ()),)
    assert scopes.spare(["edit", "view"], [READ, WRITE]) == ()
    assert scopes.spare(["openid"], []) == ()


def test_of_two_that_do_the_same_only_one_is_spare(tmp_path: Path) -> None:
    assert len(acme(tmp_path).spare(["say", "edit", "all"], [READ, WRITE, DELETE])) == 1
    both = shipped("microsoft-graph").spare(["Sites.Read.All", "Files.Read.All"], [Atom("file", "read")])
    # Other people's files would be out of reach then, and nobody knows whether they are needed.
    assert both == (Spare("Files.Read.All", ("Files.Read",), sure=False), Spare("Sites.Read.All", ()))


def test_a_part_of_a_kind_is_no_reason_to_take_the_whole_away_nor_to_miss_it(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    assert scopes.lacking(["public"], [WRITE]) == {}
    assert scopes.spare(["all", "public"], [WRITE]) == (Spare("all", ("edit",)), Spare("public", ()))
    assert scopes.lacking(["names"], [READ]) == {READ: "mine"}
    assert scopes.lacking(["names"], [Atom("post", "list")]) == {}


def test_what_no_scope_speaks_of_is_neither_lacking_nor_granted(tmp_path: Path) -> None:
    scopes = acme(tmp_path)
    atom = Atom("secret", "delete")
    assert (scopes.givers(atom), scopes.lacking([], [atom]), scopes.least([atom])) == ({}, {}, ())


ATOMS = st.builds(
    Atom,
    st.sampled_from(sorted(shipped("microsoft-graph").pack.kinds)),
    st.sampled_from(["list", "read", "create", "write", "delete", "send"]),
)
NAMES = st.sets(st.sampled_from(sorted(shipped("microsoft-graph").pack.scopes)), max_size=8)


@settings(deadline=None)
@given(st.sets(ATOMS, max_size=8))
def test_the_least_grants_all_that_can_be_granted(atoms: set[Atom]) -> None:
    graph = shipped("microsoft-graph")
    least = graph.least(atoms)
    assert graph.lacking(least, atoms) == {}


@settings(deadline=None)
@given(NAMES, st.sets(ATOMS, max_size=6))
def test_without_what_is_spare_nothing_more_is_lacking(names: set[str], atoms: set[Atom]) -> None:
    graph = shipped("microsoft-graph")
    spare = graph.spare(sorted(names), atoms)
    inside = {one for name in names for one in graph.closure([name]) - {name}}
    assert {one.name for one in spare}.isdisjoint(inside)
    # What a wider one contains is not counted on: it may go with it.
    left = (names - inside - {one.name for one in spare}) | {name for one in spare for name in one.instead}
    assert graph.lacking(left, atoms).keys() <= graph.lacking(names, atoms).keys()


@settings(deadline=None)
@given(NAMES)
def test_a_closure_is_closed(names: set[str]) -> None:
    graph = shipped("microsoft-graph")
    assert graph.closure(graph.closure(names)) == graph.closure(names) >= names
