"""Flows by their definitions, and their cheapest cut against trying every set of tools."""

from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.analysis.cut import cheapest_cut
from mcpaudit.analysis.legs import Part, Step, complete, legs_of, parts_of, played
from mcpaudit.model.access import Access, Edge
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Verdict
from mcpaudit.model.fact import LEGS, Flow, FlowKind
from mcpaudit.model.resource import Resource
from tests.installation import facts_of, saved, servers

FILES = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "/srv/docs"]}
FETCH = {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}
NO_WEB = {"deny": ["WebFetch", "WebSearch", "Bash"]}


def row(
    tool: str = "t", *, actions: str = "read", labels: str = "", provider: str = "web", **more: Any
) -> Access:
    installation = more.pop("installation", "a/s")
    step = Edge(
        "offers",
        f"installation:{installation}",
        f"tool:{installation}/{tool}",
        "it is there",
        Certainty.CERTAIN,
    )
    return Access(
        agent="a",
        installation=installation,
        server=installation.partition("/")[2],
        tool=tool,
        actions=frozenset(actions.split()),
        resource=Resource(provider, "?", more.pop("kind", "thing")),
        labels=frozenset(labels.split()),
        decision=Decision(Verdict.ALLOW, "so"),
        mode="interactive",
        certainty=more.pop("certainty", Certainty.CERTAIN),
        witness=(step, step),
        **more,
    )


CERTAIN, POSSIBLE, UNKNOWN = Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (row(labels="untrusted"), {"source": CERTAIN}),
        (row(labels="persistent_untrusted"), {"source": CERTAIN}),
        (row(labels="untrusted_if_shared"), {"source": POSSIBLE}),
        (row(labels="untrusted", kind=""), {"source": POSSIBLE}),
        (row(labels="untrusted private_data"), {"source": CERTAIN, "private": CERTAIN}),
        (row(labels="secret", actions="list"), {"private": POSSIBLE}),
        (row(labels="private_data", certainty=POSSIBLE), {"private": POSSIBLE}),
        (row(labels="untrusted", actions="delete"), {"state": CERTAIN}),
        (row(actions="send"), {"egress": CERTAIN}),
        (row(actions="share"), {"egress": CERTAIN, "state": CERTAIN}),
        (row(actions="create", labels="external_sink"), {"egress": CERTAIN, "state": CERTAIN}),
        (row(actions="create"), {"state": CERTAIN}),
        (row(actions="read"), {}),
        (row(provider="unknown"), {"source": UNKNOWN, "private": UNKNOWN}),
        (row(provider="unknown", actions="create"), {"egress": UNKNOWN, "state": CERTAIN}),
        (
            row(actions="execute", universal=True),
            {"source": POSSIBLE, "private": CERTAIN, "egress": CERTAIN, "state": CERTAIN},
        ),
    ],
)
def test_the_parts_of_an_access(access: Access, expected: dict[Part, Certainty]) -> None:
    assert dict(parts_of(access)) == expected


def found(
    tmp_path: Path, files: dict[str, Any], manifests: Any = None, mode: Mode = "interactive"
) -> dict[str, Flow]:
    return {flow.kind: flow for flow in facts_of(tmp_path, files, manifests, mode=mode).flows}


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def claude(permissions: dict[str, Any], **entries: Any) -> dict[str, Any]:
    return {
        ".mcp.json": servers(**entries),
        ".claude/settings.json": {"permissions": permissions},
        "~/.claude.json": {},
    }


def test_two_harmless_servers_make_one_flow(tmp_path: Path) -> None:
    flow = found(tmp_path, desktop(files=FILES, web=FETCH))["trifecta"]
    assert (flow.through, flow.silent, flow.certainty) == ("servers", False, CERTAIN)
    assert [leg.name for leg in flow.sources] == ["web"]
    assert {leg.name for leg in flow.private} == {"files"}
    assert [leg.name for leg in flow.sinks] == ["web"]
    cut = flow.cuts[0]
    assert [(loss.name, loss.tools, loss.whole) for loss in cut.losses] == [("web", ("fetch",), True)]
    assert cut.proved
    assert cut.sentence == "in Claude Desktop, removing `web` leaves no way out"


@pytest.mark.parametrize("one", ["files", "web"])
def test_one_of_them_makes_none(tmp_path: Path, one: str) -> None:
    assert "trifecta" not in found(tmp_path, desktop(**{one: {"files": FILES, "web": FETCH}[one]}))


def test_a_refused_tool_takes_no_part(tmp_path: Path) -> None:
    files = claude({"deny": [*NO_WEB["deny"], "mcp__web"]}, files=FILES, web=FETCH)
    assert not {"trifecta"} & set(found(tmp_path, files))


def test_a_tool_that_only_asks_takes_part_and_is_not_silent(tmp_path: Path) -> None:
    flow = found(tmp_path, claude(NO_WEB, files=FILES, web=FETCH))["trifecta"]
    assert (flow.silent, flow.modes) == (False, ("interactive", "bypass"))


def test_the_mode_decides(tmp_path: Path) -> None:
    assert "trifecta" not in found(tmp_path / "h", claude(NO_WEB, files=FILES, web=FETCH), mode="headless")
    assert found(tmp_path / "b", claude(NO_WEB, files=FILES, web=FETCH), mode="bypass")["trifecta"].silent


def test_no_cut_of_servers_is_proved_while_the_clients_own_tools_complete_the_flow(tmp_path: Path) -> None:
    flow = found(tmp_path, claude({"allow": ["WebFetch"]}, files=FILES, web=FETCH))["trifecta"]
    assert flow.through == "servers"
    assert not flow.cuts[0].proved
    assert "may complete it again" in flow.cuts[0].sentence


def test_the_clients_own_tools_are_told_apart(tmp_path: Path) -> None:
    clock = {"clock": saved("get_time")}
    assert (
        found(tmp_path / "own", claude({}, clock={"command": "x"}), clock)["trifecta"].through == "own tools"
    )
    with_server = found(tmp_path / "both", claude(NO_WEB, web=FETCH))["trifecta"]
    assert with_server.through == "servers and own tools"
    assert with_server.servers == ("builtin:claude-code", "pypi:mcp-server-fetch")


def test_a_server_of_which_nothing_is_known_completes_nothing_for_sure(tmp_path: Path) -> None:
    unknown = {"command": "node", "args": ["/srv/crm.js"]}
    assert found(tmp_path / "with", desktop(web=FETCH, crm=unknown))["trifecta"].certainty is UNKNOWN
    assert not found(tmp_path / "alone", desktop(crm=unknown))


def test_one_fact_names_the_agents_that_have_the_same_servers(tmp_path: Path) -> None:
    both = desktop(files=FILES, web=FETCH) | {
        ".vscode/settings.json": {"cody.mcpServers": {"files": FILES, "web": FETCH}}
    }
    flow = found(tmp_path, both)["trifecta"]
    assert flow.agents == ("claude-desktop", "cody")
    assert flow.silent
    assert [cut.agent for cut in flow.cuts] == ["claude-desktop", "cody"]


PARTS: tuple[Part, ...] = get_args(Part)
STEPS = st.lists(st.sets(st.sampled_from(PARTS), min_size=1), min_size=1, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["trifecta", "rule-of-two"]), STEPS, st.data())
def test_no_smaller_set_of_tools_cuts_it(kind: FlowKind, parts: list[set[Part]], data: st.DataObject) -> None:
    names = [data.draw(st.integers(0, 4)) for _ in parts]  # a tool can have more than one access
    steps = [
        Step(row(f"t{name}"), played(dict.fromkeys(sorted(one), CERTAIN)))
        for name, one in zip(names, parts, strict=True)
    ]
    if not complete(kind, steps):
        return
    server: Any = SimpleNamespace(name="s", server=SimpleNamespace(builtin=False))
    cut = cheapest_cut({"a/s": server}, "A", kind, legs_of(kind, steps), steps)
    taken = {tool for loss in cut.losses for tool in loss.tools}
    tools = sorted({step.row.tool for step in steps})

    def ends(gone: set[str]) -> bool:
        return not complete(kind, [step for step in steps if step.row.tool not in gone])

    assert ends(taken)
    assert cut.proved
    assert cut.leg in LEGS
    assert not any(ends(set(few)) for few in combinations(tools, len(taken) - 1))
