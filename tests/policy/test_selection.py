"""Packs choose policies: those of a folder, or those that a pack file puts together."""

from itertools import pairwise

import pytest

from mcpaudit.cli.main import run
from mcpaudit.errors import UsageError
from mcpaudit.policy.policy import shipped
from mcpaudit.policy.selection import Pack, policies_of, selected, shipped_packs

POLICIES = shipped()
KNOWN = {policy.id for policy in POLICIES}


def ids(*names: str) -> set[str]:
    return {policy.id for policy in selected(POLICIES, names)}


def test_a_folder_is_a_pack() -> None:
    assert ids("flows") == {policy.id for policy in POLICIES if policy.pack == "flows"}
    assert ids("flows", "transport") == ids("flows") | ids("transport")
    assert ids() == KNOWN


@pytest.mark.parametrize("pack", shipped_packs().values(), ids=shipped_packs())
def test_a_pack_file_names_policies_that_are_there(pack: Pack) -> None:
    assert policies_of(pack) <= KNOWN
    own = [policy for control in pack.controls for policy in control.policies]
    assert len(own) == len(set(own)), "each policy once a pack"
    included = {policy for name in pack.includes for policy in policies_of(shipped_packs()[name])}
    assert not included & set(own), "what is included need not be said again"
    assert pack.duties
    assert pack.source


def test_the_levels_of_cosai_are_cumulative() -> None:
    levels = [ids(f"cosai-l{number}") for number in range(1, 5)]
    assert all(lower < higher for lower, higher in pairwise(levels))


def test_an_unknown_pack_is_said() -> None:
    with pytest.raises(UsageError, match="there is no pack `cosai-l5`; did you mean `cosai-l"):
        selected(POLICIES, ["cosai-l5"])


def test_the_report_says_by_which_policies_it_was_judged(capsys: pytest.CaptureFixture[str]) -> None:
    example = "examples/logistics"
    command = ["check", example, "--home", f"{example}/home", "--as-of", "2026-11-22"]
    assert run([*command, "--pack", "transport"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "approve its servers; by the policies of transport alone." in told
    assert run([*command, "--pack", "cosai-l1"]) == 0
    assert run([*command, "--pack", "cosai-l2"]) == 1
    assert "silent-shell" in (told := capsys.readouterr().out)
    assert "transitive-write-route" not in told


def test_a_pack_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "cosai-l3"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "It has all policies of cosai-l2, too." in told
    assert "unapproved-server" in told
    assert "WHAT PEOPLE HAVE TO SEE TO" in told
