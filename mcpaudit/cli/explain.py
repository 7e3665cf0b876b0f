"""`mcpaudit explain`: a tool, a policy, a field, a fact, a control, a client and so on, on one page."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import click

from mcpaudit.cli.explain_words import (
    controls_called,
    explain_control,
    explain_framework,
    explain_term,
)
from mcpaudit.cli.output import look
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.knowledge.client_facts import client_facts, known_clients
from mcpaudit.model.site import Platform, Site
from mcpaudit.policy import fields
from mcpaudit.policy.configuration import FILE
from mcpaudit.policy.controls import control_in_words, frameworks
from mcpaudit.policy.pack_pages import EVIDENCE, count_in_words
from mcpaudit.policy.pages import FUNCTIONS, told, type_in_words
from mcpaudit.policy.policy import Policy, load, param_in_words, shipped
from mcpaudit.policy.remedy import REMEDIES
from mcpaudit.policy.selection import Pack, shipped_packs
from mcpaudit.policy.terms import terms
from mcpaudit.report.page import Page

_WIDTH = 80


@click.command()
@click.argument("name", metavar="ID")
@site_options
@click.option(
    "--policy",
    "policies",
    multiple=True,
    type=click.Path(path_type=Path),
    help="More policies: a file or folder.",
)
def command(
    name: str,
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    policies: tuple[Path, ...],
) -> int:
    """Explain a tool, a policy, what policies can speak of, a control, or what is known of a client.

    ID is a tool of a server in PATH (`files/write_file`), with what it does, why that is thought, and who may
    call it; or a policy (`root-bypass`), a pack (`cosai-l2`), a subject (`conflict`), a field
    (`conflict.restricted.actions`), a function (`within`), a fact (`bypass`), an edge of a witness
    (`acts-on`), an action (`send`), a control (`nist-800-53:AC-6`) or a client (`claude-code`).
    """
    if "/" in name:
        site = site_of(path, home, no_home, system_root, platform)
        click.echo(_tool(name, site, path if path.is_file() else None, manifests), nl=False)
        return 0
    page = Page(_WIDTH, colour=False)
    known = {policy.id: policy for policy in [*shipped(), *load(policies)]}
    site = site_of(path, home, no_home, system_root, platform)
    if not (_explained(page, name, known) or _own_policy(page, name, site)):
        raise UsageError(_unknown(name, known))
    click.echo(str(page), nl=False)
    return 0


def _explained(page: Page, name: str, policies: Mapping[str, Policy]) -> bool:
    """Write the page of whatever has that name; whether anything has."""
    subject, _, rest = name.partition(".")
    if name in policies:
        _policy(page, policies[name])
    elif name in shipped_packs():
        _pack(page, shipped_packs()[name])
    elif name in FUNCTIONS:
        signature, doc = FUNCTIONS[name]
        page.write(f"{signature}: {doc}.")
    elif subject in fields.SUBJECTS and not rest:
        _message(page, subject, fields.SUBJECTS[subject])
    elif (field := fields.find(subject, name)) is not None:
        _field(page, name, field)
    elif name in terms():
        explain_term(page, terms()[name], policies.values())
    elif name in frameworks():
        explain_framework(page, frameworks()[name], policies.values())
    elif controls := controls_called(name, policies.values()):
        for index, (framework, item) in enumerate(controls):
            if index:
                page.gap()
            explain_control(page, framework, item, policies.values())
    elif (facts := client_facts(name)) is not None:
        # Imported here: it brings every client's code, which no policy's page needs.
        from mcpaudit.cli.client_page import client_page

        client_page(page, facts)
    else:
        return False
    return True


def _own_policy(page: Page, name: str, site: Site) -> bool:
    """Write the page of a policy that the project's own configuration brings; whether it does."""
    if site.project is None or not (site.project / FILE).is_file():
        return False
    # Imported here: only policies of the project need its configuration.
    from mcpaudit.audit import policies_of
    from mcpaudit.request import Request

    own = {policy.id: policy for policy in policies_of(Request(site, date.today()))}
    if name in own:
        _policy(page, own[name])
    return name in own


def _unknown(name: str, policies: Iterable[str]) -> str:
    paths = [path for one in fields.SUBJECTS for path in fields.paths(one)]
    controls = [f"{one.id}:{item}" for one in frameworks().values() for item in one.items]
    words = [*policies, *shipped_packs(), *fields.SUBJECTS, *FUNCTIONS, *paths, *terms(), *known_clients()]
    hint = did_you_mean(name, [*words, *frameworks(), *(controls if ":" in name else ())])
    told = "no policy, pack, field, function, fact, edge, action, control or client"
    return f"there is {told} `{name}`{f'; {hint}' if hint else ''}"


def _tool(name: str, site: Site, given: Path | None, manifests: Path | None) -> str:
    # Imported here: only a tool's page needs an audit.
    from mcpaudit.audit import audit
    from mcpaudit.report.tool_page import tool_page, tools_by_name, without_tools
    from mcpaudit.request import Request

    report = audit(Request(site, date.today(), given=given, manifests=manifests, shipped_policies=False))
    known = tools_by_name(report)
    if name not in known:
        reason = without_tools(report).get(name.rpartition("/")[0])
        hint = f"its server's tools are not known: {reason}" if reason else did_you_mean(name, known)
        raise UsageError(f"there is no tool `{name}` here{f'; {hint}' if hint else ''}")
    width, colour = look()
    return "\n".join(tool_page(report, name, tool, width=width, colour=colour) for tool in known[name])


def _pack(page: Page, pack: Pack) -> None:
    page.write(f"{pack.title} ({pack.id}, {count_in_words(pack)})")
    if pack.includes:
        page.write(f"It has all policies of {', '.join(pack.includes)}, too.")
    page.heading("What the configuration can speak for")
    for control in pack.controls:
        page.write(f"{control.text}: {', '.join(control.policies)}", 2, hang=4)
    page.heading("What people have to see to")
    for duty in pack.duties:
        page.write(duty, 2, label="-", hang=4)
    page.gap()
    page.write(EVIDENCE)


def _policy(page: Page, policy: Policy) -> None:
    page.write(policy.title, label=policy.severity.upper())
    page.write(f"{policy.id}, which judges each {policy.subject} ({policy.file})")
    for heading, text in (
        ("What it reports", policy.message),
        ("Why", policy.why),
        ("How to fix it", policy.fix),
    ):
        page.heading(heading)
        page.write(text, 2)
    if policy.remedy is not None:
        kind = REMEDIES[policy.remedy.edit]
        page.write(f"{policy.remedy.edit}, {policy.remedy.safety}: {kind.says}", 2, label="As a patch:")
    page.heading("When")
    for line in policy.where.splitlines():
        page.write(line.strip(), 2, hang=4)
    if policy.variables:
        page.heading("Variables")
    for name, text in policy.variables.items():
        page.write(f"{name}: {' '.join(text.split())}", 2, hang=4)
    if policy.params:
        page.heading("Params")
    for name, value in policy.params.items():
        page.write(f"{name}: {param_in_words(value)}", 2, hang=4)
    if policy.controls:
        page.heading("Controls")
    for control in policy.controls:
        page.write(control_in_words(control), 2, hang=4)


def _message(page: Page, path: str, kind: str) -> None:
    message = fields.table()[kind]
    page.write(message.doc, label=f"{path}:")
    for field in message.fields.values():
        page.gap()
        _field(page, f"{path}.{field.name}", field, below=False)


def _field(page: Page, path: str, field: fields.Field, *, below: bool = True) -> None:
    page.write(f"{path} ({type_in_words(field)})")
    page.write(f"{told(field)}.", 4)
    if below and field.type in fields.table():
        page.gap()
        for inner in fields.table()[field.type].fields.values():
            page.write(f".{inner.name} ({type_in_words(inner)}): {told(inner)}", 4, hang=6)
