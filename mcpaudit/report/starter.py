"""The files that `mcpaudit init` proposes, worked out from a report: to be read, cut down and committed."""

import json
from collections import defaultdict
from collections.abc import Iterable

from mcpaudit.model.action import ACTIONS, changes
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow

PROFILE = "task"
_KINDS = 40
"""How many needs a first profile lists; a longer one nobody would read."""


def configuration(report: Report) -> str:
    """A first `mcpaudit.yaml`: what is installed, with room for what files cannot tell."""
    names: dict[str, set[str]] = defaultdict(set)
    agents: dict[str, set[str]] = defaultdict(set)
    for row in report.installations:
        names[row.server].add(row.name)
        agents[row.server].add(row.agent)
    lines = [
        "# What your organisation knows, and clients' files cannot tell.",
        "# The schema: mcpaudit policy schema configuration",
        "apiVersion: mcpaudit/v1",
        "",
        "# Only the files of these clients are read. Without this line, every client's that is found.",
        f"# clients: {_list(sorted({row.client for row in report.agents}))}",
        "",
        "fail_on: high",
        "",
        "# Who answers for each server, what it is for, and what is in place to run it.",
    ]
    servers = [row for row in report.servers if not row.builtin]
    lines.append("servers:" if servers else "servers: []")
    for server in servers:
        where = f"{', '.join(sorted(names[server.id]))}, in {', '.join(sorted(agents[server.id]))}"
        lines += [
            f"  # {_plain(where)}",
            f"  - identity: {_text(server.id)}",
            "    # owner: who answers for it",
            "    # purpose: what it is for",
            "    # trusted: true",
            '    # operations: {health: "...", log: "...", refresh: "..."}',
        ]
    lines += [
        "",
        "# What is production, or what else matters here? Take the mark off the lines that hold.",
        "# resources:",
        *(
            f"#   - {{match: {_text(pattern)}, labels: [production], owner: who answers for it}}"
            for pattern in sorted(_changed(report))
        ),
        "",
        "# What the agents are for: .mcpaudit/profiles/ID.yaml each.",
        "profiles:",
        f"  - {{id: {PROFILE}}}",
        "",
    ]
    return "\n".join(lines)


def profile(report: Report) -> str:
    """A first profile: everything that the servers give now, to be cut down to what the task needs."""
    needs = _needs(report)
    lines = [
        "# Everything that your servers can do now. Take out what the task does not need, and",
        f"# `mcpaudit minimize --profile {PROFILE}` says which servers and tools can go.",
        "apiVersion: mcpaudit/v1",
        "kind: Profile",
        f"metadata: {{id: {PROFILE}, title: What these agents are for}}",
        "spec:",
        "  needs:" if needs else "  needs: []",
    ]
    for pattern, (actions, names) in sorted(needs.items())[:_KINDS]:
        wanted = _list(one for one in ACTIONS if one in actions)
        lines += [
            f"    # {_plain(', '.join(sorted(names)))}",
            f"    - {{actions: {wanted}, resource: {_text(pattern)}}}",
        ]
    if len(needs) > _KINDS:
        lines.append(f"    # and {len(needs) - _KINDS} more kinds of resources: mcpaudit access")
    return "\n".join([*lines, ""])


def github_workflow(version: str) -> str:
    """A workflow that audits each pull request with the repository alone, as anybody sees it."""
    return f"""\
# What do these MCP configurations let agents do? Written by `mcpaudit init`.
name: mcpaudit
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  audit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: "3.12"
      - run: pip install "mcp-reach-audit=={version}"
      # What is new decides, by the rules of the target: by its own a change could accept itself.
      - if: github.event_name == 'pull_request'
        env:
          TARGET: ${{{{ github.event.pull_request.base.sha }}}}
        run: mcpaudit diff "$TARGET...HEAD" --format annotations --format markdown="$GITHUB_STEP_SUMMARY"
      - if: github.event_name != 'pull_request'
        run: mcpaudit check --no-home --format annotations --format summary="$GITHUB_STEP_SUMMARY"
"""


def gitlab_job(version: str) -> str:
    """The same as a job to include in `.gitlab-ci.yml`."""
    return f"""\
# What do these MCP configurations let agents do? Written by `mcpaudit init`.
mcpaudit:
  stage: test
  image: python:3.12-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    GIT_DEPTH: "0"
  script:
    - pip install "mcp-reach-audit=={version}"
    - |
      if [ -n "${{CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}}" ]; then
        target="${{CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME}}"
        mcpaudit diff "$target...HEAD" --format text --format gitlab=quality.json --format junit=tests.xml
      else
        mcpaudit check --no-home --format text --format gitlab=quality.json --format junit=tests.xml
      fi
  artifacts:
    when: always
    reports:
      codequality: quality.json
      junit: tests.xml
"""


def _reach(report: Report) -> Iterable[AccessRow]:
    """What servers give by themselves: neither all that there is, nor what hangs on a linked account."""
    builtin = {row.id for row in report.servers if row.builtin}
    return (
        row
        for row in report.access
        if row.server not in builtin
        and row.actions
        and row.decision not in ("deny", "hidden")
        and not (row.universal or row.conditional or row.transitive)
    )


def _needs(report: Report) -> dict[str, tuple[set[str], set[str]]]:
    found: dict[str, tuple[set[str], set[str]]] = {}
    for row in _reach(report):
        actions, names = found.setdefault(_pattern(row.resource), (set(), set()))
        actions.update(row.actions)
        names.add(row.installation.rpartition("/")[2])
    return found


def _changed(report: Report) -> set[str]:
    return {_pattern(row.resource) for row in _reach(report) if changes(row.actions)}


def _pattern(resource: str) -> str:
    """A pattern that describes a resource and all below; what is not known of it may be anything."""
    provider, _, rest = resource.partition(":")
    parts = ["**" if part == "?" else part for part in rest.split("/")]
    return f"{provider}:{'/'.join(parts)}" + ("" if parts[-1] == "**" else "/**")


def _text(value: str) -> str:
    # A JSON text is a YAML text.
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(values)}]"


def _plain(text: str) -> str:
    """Text for a comment: what a server is called neither ends the line nor hides."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
