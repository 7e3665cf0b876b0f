"""Evidence of live probes, joined with what is installed."""

from dataclasses import replace
from pathlib import Path

from mcpaudit.model.probe import Probes
from mcpaudit.probes import as_json
from tests.installation import facts_of, npx, servers
from tests.test_probes import ONE

FILES = {"~/.cursor/mcp.json": servers(a=npx("a"), b=npx("b@1.0.0"))}


def test_checks_meet_the_entries_that_they_are_of(tmp_path: Path) -> None:
    rows = (
        ONE,
        replace(ONE, at="2026-11-23T01:00:00Z", server="npm:b", names=("cursor/b",)),
        replace(ONE, names=("cursor/gone",)),
        replace(ONE, server="npm:other", names=("cursor/b",)),
    )
    file = tmp_path / "evidence.json"
    file.write_bytes(as_json(Probes(probes=rows)))
    probed = facts_of(tmp_path, FILES, probes=file).probed
    assert probed is not None
    assert [(fact.probe.server, fact.installed[0].name, fact.age_days) for fact in probed.facts] == [
        ("npm:a", "a", 0),
        ("npm:b", "b", -1),
    ]
    assert probed.strangers == ("cursor/b", "cursor/gone"), "an entry under that name is another server now"


def test_without_evidence_nothing_is_known(tmp_path: Path) -> None:
    assert facts_of(tmp_path, FILES).probed is None
