"""A program gone through from its start: what its packages set up, its commands, what they keep for later."""

import re

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.leads import Leads
from mcpaudit.manifests.go.package import Declared, Package
from mcpaudit.manifests.go.tools import Interpreter
from mcpaudit.manifests.go.values import Env, Func

_REGISTERS = re.compile(
    r"\b(?:NewTool|AddTools?|RegisterTools?|AddSessionTools?)\s*[\[(]|\bmcp\w*\.Tool\s*\{"
)
_SERVER = re.compile(r"mcp|server", re.I)
_ASIDE = re.compile(r"test|load|bench|lint|gen|docs|script|tool|client|curl|internal|diff", re.I)


def run(ev: Interpreter) -> None:
    """Go through all of it; the interpreter notes what comes by."""
    project, leads = ev.project, Leads(ev.project)
    for package in project.packages.values():
        for one in package.blanks:
            ev.value(one.node, Env(one.file))
        for one in package.inits:
            _enter(ev, one)
    for package in sorted(project.mains, key=_rank):
        if "main" in package.functions:
            _enter(ev, package.functions["main"])
        _pending(ev, leads)
    if not any(sight.given is not None for sight in ev.sights.values()):
        _rest(ev, leads)


def _rank(package: Package) -> tuple[bool, bool, int, str]:
    """The likeliest server first, so that the others cannot use up its steps."""
    last = package.path.rpartition("/")[2]
    return (
        bool(_ASIDE.search(package.path)),
        not _SERVER.search(last),
        package.path.count("/"),
        package.path,
    )


def _enter(ev: Interpreter, one: Declared) -> None:
    ev.invoke(Func(one.file, one.node), [], one.node, Env(one.file))


def _pending(ev: Interpreter, leads: Leads) -> None:
    """The functions that were kept for later: a command's action, a server's factory."""
    at = 0
    while at < len(ev.pending):
        one = ev.pending[at]
        at += 1
        if one.node.id not in ev.entered and leads.to_tools(one):
            ev.invoke(one, [], one.node, Env(one.file))
    ev.pending.clear()


def _rest(ev: Interpreter, leads: Leads) -> None:
    """Functions that register tools and that nothing was seen to call."""
    for package in ev.project.packages.values():
        rows = [
            *package.functions.values(),
            *(one for each in package.methods.values() for one in each.values()),
        ]
        for one in rows:
            if one.node.id not in ev.entered and _registers(one.node):
                with ev.under(unsure=True):
                    _enter(ev, one)
                _pending(ev, leads)


def _registers(node: Node) -> bool:
    return bool(_REGISTERS.search(syntax.text(node)))
