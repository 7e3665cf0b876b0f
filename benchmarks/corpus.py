"""Audits every configuration file of a corpus, and compares the servers found with its index.

    python benchmarks/corpus.py CORPUS_DIR

Each file is audited twice: named by hand, and, for a client that mcpaudit knows, at that client's own place.
CORPUS_DIR/configs/INDEX.jsonl holds one object a file: client, file, servers.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from mcpaudit.audit import audit
from mcpaudit.errors import McpauditError
from mcpaudit.model.site import Site
from mcpaudit.parsing.reader import read
from mcpaudit.report.formats import TEXTS, render
from mcpaudit.request import Request

AT_HOME = {
    "cursor": "project/.cursor/mcp.json",
    "claude-code": "project/.mcp.json",
    "claude-settings": "project/.claude/settings.json",
    "codex": "project/.codex/config.toml",
    "gemini": "project/.gemini/settings.json",
    "vscode": "project/.vscode/mcp.json",
    "claude-desktop": "home/.config/Claude/claude_desktop_config.json",
    "opencode": "project/opencode.json",
    "cline": "home/.cline/data/settings/cline_mcp_settings.json",
    "roo": "project/.roo/mcp.json",
    "kiro": "project/.kiro/settings/mcp.json",
    "junie": "project/.junie/mcp/mcp.json",
}


def stated(client: str, data: Any) -> int:
    """How many permission rules a file states, counted without mcpaudit's readers."""
    if not isinstance(data, dict):
        return 0
    if client == "claude-settings":
        lists = data.get("permissions") or {}
        return sum(len(lists.get(key) or ()) for key in ("allow", "ask", "deny"))
    if client == "opencode":
        permission, tools = data.get("permission") or {}, data.get("tools") or {}
        return len(tools) + sum(len(one) if isinstance(one, dict) else 1 for one in permission.values())
    return 0


def one(request: Request, declared: set[str]) -> tuple[set[str], int, int, Counter[str]]:
    """Declared servers that are missing, gaps, gaps without a line, and what became of the rules."""
    report = audit(request)
    for name in TEXTS:
        render(report, name)
    listed = {row.name for row in report.installations}
    gaps = report.coverage.gaps
    became = Counter(
        "without effect" if row.effective is False else "used" if row.effective else "not decided"
        for row in report.rules
    )
    return declared - listed, len(gaps), sum(not gap.location.line for gap in gaps), became


def main() -> None:
    corpus = Path(sys.argv[1])
    rows = [json.loads(line) for line in (corpus / "configs" / "INDEX.jsonl").read_text().splitlines()]
    started = time.process_time()
    rules: Counter[str] = Counter()
    totals = {"by hand": [0, 0, 0, 0, 0], "in place": [0, 0, 0, 0, 0]}
    for row in rows:
        source = corpus / row["file"]
        declared = set(row["servers"])
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            requests = {"by hand": Request(Site(source.parent, None), date(2026, 11, 22), given=source)}
            if row["client"] in AT_HOME:
                target = root / AT_HOME[row["client"]]
                target.parent.mkdir(parents=True)
                target.write_bytes(source.read_bytes())
                (root / "home").mkdir(exist_ok=True)
                site = Site(root / "project", root / "home")
                # Claude Code reads no servers from its settings files: there they become a gap.
                declared_here = set() if row["client"] == "claude-settings" else declared
                requests["in place"] = Request(site, date(2026, 11, 22))
            for how, request in requests.items():
                expected = declared if how == "by hand" else declared_here
                total = totals[how]
                total[0] += 1
                total[1] += len(expected)
                try:
                    missing, gaps, unplaced, became = one(request, expected)
                except McpauditError as error:
                    print(f"refused  {how}  {row['file']}: {error}")
                    continue
                except Exception as error:
                    print(f"CRASH    {how}  {row['file']}: {type(error).__name__}: {error}")
                    continue
                total[2] += len(expected) - len(missing)
                total[3] += gaps
                total[4] += unplaced
                if how == "in place":
                    rules += became
                    document = read(source, row["file"], "toml" if source.suffix == ".toml" else "json")
                    count = stated(row["client"], getattr(document, "data", None))
                    rules["stated"] += count
                    if count > became.total() and not gaps:
                        print(f"rules    {how}  {row['file']}: {count} stated, {became.total()} listed")
                if missing:
                    print(f"missing  {how}  {row['file']}: {sorted(missing)}")
    for how, (files, expected, found, gaps, unplaced) in totals.items():
        print(
            f"{how:9} {files} files, {found} of {expected} servers listed, {gaps} gaps ({unplaced} unplaced)"
        )
    print("rules     " + ", ".join(f"{number} {what}" for what, number in sorted(rules.items())))
    print(f"{time.process_time() - started:.1f} s of CPU, every format rendered")


if __name__ == "__main__":
    main()
