"""Two figures of the policy engine, in CPU time: many rows by many policies, and loading what is shipped.

    python benchmarks/policies.py [RUNS]

1. 100 policies over 10,000 access rows: 100 servers of 100 tools each in one client, judged by 100 different
   policies `for: access`. *mostly false* is the usual case, where a policy holds for few rows; *by patterns*
   asks about patterns for every row; *each row once* is the bad case, where every row breaks one
   policy; *all unknown* the worst, where no policy can be decided for any row: a million findings.
2. Loading the shipped policies, in a fresh process, after the imports that any audit needs.

Each figure is the best of RUNS (default 5).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from mcpaudit.audit import gather
from mcpaudit.model.site import Site
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.policy import Policy, shipped
from mcpaudit.policy.subjects import Subjects
from mcpaudit.request import Request, configuration_of

SERVERS, TOOLS, POLICIES = 100, 100, 100
VERBS = ("get", "list", "create", "update", "delete", "send", "search", "run", "move", "share")
CONDITIONS = (
    'access.decision == "allow" && access.resource.labels.exists(l, l in params.labels)',
    'access.tool.globMatches("purge_{n}_*") && access.decision != "deny"',
    'access.resource.within("sql:db{n}.example:5432/**") && access.actions.changes()',
    'access.server == "npm:acme-mcp-{n}" && access.transitive',
    'access.name == "none-{n}" && !access.universal && access.certainty == "certain"',
    'access.actions.exists(a, a == "admin") && access.agent == "cursor-{n}"',
    'access.resource.provider == "provider-{n}" || access.resource.kind == "kind-{n}"',
    'access.conditional && access.decision in ["allow", "ask"] && access.tool.startsWith("x{n}")',
    'access.resource.id.contains("secret-{n}") && access.rule != ""',
    'access.decision == "allow" && access.tool.endsWith("_{n}x")',
)
PATTERNS = tuple(
    f'access.resource.within("*:host-{{n}}/**") && access.tool != "x{index}"' if index < 2 else condition
    for index, condition in enumerate(CONDITIONS)
)
ONCE = 'access.tool.endsWith("_{n}")'
UNKNOWN = 'access.decision == "allow" && access.tool != "none_{n}"'
LOAD = """
import time
import mcpaudit.audit, mcpaudit.cli.check
from mcpaudit.policy.policy import shipped
start = time.process_time()
found = shipped()
print(time.process_time() - start, len(found))
"""


def policies(conditions: tuple[str, ...]) -> list[Policy]:
    """So many policies, whose conditions differ in a number."""
    base = replace(
        shipped()[0], subject="access", message="{access.tool}", fix="", params={"labels": ("production",)}
    )
    return [
        replace(base, id=f"p-{n}", where=conditions[n % len(conditions)].replace("{n}", str(n)), variables={})
        for n in range(POLICIES)
    ]


def subjects(root: Path, known: bool) -> Subjects:
    """An installation with so many access rows, in a client that is known or in one that is not."""
    servers = {f"s{n}": {"command": "npx", "args": ["-y", f"acme-mcp-{n}@1.0.0"]} for n in range(SERVERS)}
    file = root / (".cursor/mcp.json" if known else "mine.json")
    (root / "manifests").mkdir(exist_ok=True)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"mcpServers": servers}))
    for name in servers:
        tools = [{"name": f"{VERBS[n % len(VERBS)]}_record_{n}"} for n in range(TOOLS)]
        (root / "manifests" / f"{name}.json").write_text(json.dumps({"tools": tools}))
    site = Site(root, None, None, "linux", {})
    given = None if known else file
    request = Request(site, date(2026, 11, 22), given=given, manifests=root / "manifests")
    return Subjects(gather(request, configuration_of(request)[0]))


def best(run: Callable[[], object], runs: int) -> float:
    """The least CPU time of several runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as scratch:
        for known, conditions, label in (
            (True, CONDITIONS, "mostly false"),
            (True, PATTERNS, "by patterns"),
            (True, (ONCE,), "each row once"),
            (False, (UNKNOWN,), "all unknown"),
        ):
            root = Path(scratch) / label
            root.mkdir()
            found = subjects(root, known)
            rows = sum(1 for row in found.facts.rows if not row.server.startswith("builtin:"))
            judged = policies(conditions)

            def run(judged: list[Policy] = judged, found: Subjects = found) -> int:
                return len(evaluate(judged, Subjects(found.facts), "2026-11-22")[0])

            seconds = best(run, runs if label != "all unknown" else 1)
            print(f"{len(judged)} policies x {rows} rows, {label:14} {seconds:7.2f} s, {run()} findings")
    loads = [
        subprocess.run(
            [sys.executable, "-c", LOAD], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(runs)
    ]
    print(
        f"loading {loads[0][1]} shipped policies        {min(float(one[0]) for one in loads) * 1000:7.1f} ms"
    )


if __name__ == "__main__":
    main()
