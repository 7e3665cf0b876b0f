"""Reads `mcpaudit.yaml`, the one configuration file, and the profiles beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mcpaudit.errors import ConfigurationError, Mistake, UsageError, did_you_mean
from mcpaudit.knowledge.client_facts import known_clients
from mcpaudit.model.configuration import (
    FLOW_PRICE,
    SERVER_PRICE,
    Configuration,
    Link,
    Need,
    Operation,
    PackPin,
    Param,
    Profile,
    ResourceNote,
    ServerNote,
)
from mcpaudit.model.finding import Severity
from mcpaudit.model.pattern import Pattern
from mcpaudit.model.place import Place, Route
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.policy.policy import PARAM_KINDS, Policy, is_param, param, param_in_words, severity
from mcpaudit.policy.validation import mistake, read_document, validate

FILE = "mcpaudit.yaml"
FOLDER = ".mcpaudit"


def read_configuration(path: Path, shown: str) -> tuple[Configuration, Document]:
    """Read `mcpaudit.yaml`; raises ConfigurationError with every mistake."""
    document = read_document(path, shown)
    root = Node(document, document.data)
    mistakes = validate(document, "configuration")
    resources = tuple(
        ResourceNote(pattern, _texts(node, "labels"), node.text("owner"))
        for node in _list(root, "resources")
        if (pattern := _pattern(node, "match", mistakes))
    )
    links = tuple(
        Link(
            node.text("from"),
            pattern,
            node.flag("holds") is True,
            node.place,
            frozenset(_texts(node, "actions")),
        )
        for node in _list(root, "links")
        if (pattern := _pattern(node, "to", mistakes))
    )
    profiles = _profiles(root, path.parent, mistakes)
    servers = tuple(_server(node, mistakes) for node in _list(root, "servers"))
    clients = _texts(root, "clients")
    for index, name in enumerate(clients):
        if name not in known_clients():
            hint = did_you_mean(name, known_clients())
            mistakes.append(mistake(document, ("clients", index), f"there is no client `{name}`", hint))
    params = _params(root, mistakes)
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda one: (one.line, one.column)))
    return (
        Configuration(
            resources=resources,
            servers=servers,
            links=links,
            profiles=profiles,
            clients=clients,
            policies=_texts(root, "policies"),
            packs=tuple(
                PackPin(node.text("source"), node.text("digest"), node.place) for node in _list(root, "packs")
            ),
            disabled=_texts(root, "disable"),
            params=params,
            severities=_severities(root),
            fail_on=severity(root.text("fail_on")) if root.text("fail_on") else None,
            waiver_days=_days(root),
        ),
        document,
    )


def _server(node: Node, mistakes: list[Mistake]) -> ServerNote:
    accounts = []
    for account in node.texts("accounts") or ():
        provider, colon, tenant = str(account.value).partition(":")
        if not (provider and colon and tenant) or set(tenant) & set("*/?"):
            text = f"an account is a provider and a tenant, as in `google:ann@example.com`: {account.value}"
            mistakes.append(mistake(node.document, account.route, text))
        accounts.append((provider, tenant, account.place))
    operations = node.child("operations")
    names: tuple[Operation, ...] = ("health", "log", "refresh")
    return ServerNote(
        identity=node.text("identity"),
        owner=node.text("owner"),
        purpose=node.text("purpose"),
        trusted=node.flag("trusted"),
        operations=tuple(name for name in names if operations and operations.text(name)),
        accounts=tuple(accounts),
    )


def _profiles(root: Node, folder: Path, mistakes: list[Mistake]) -> tuple[Profile, ...]:
    found = []
    for node in _list(root, "profiles"):
        path = folder / FOLDER / "profiles" / f"{node.text('id')}.yaml"
        if not path.is_file():
            text = f"there is no profile file {FOLDER}/profiles/{node.text('id')}.yaml"
            mistakes.append(mistake(root.document, node.route, text))
            continue
        profile = read_profile(path, f"{FOLDER}/profiles/{path.name}")
        found.append(replace(profile, agents=_texts(node, "agents")))
    return tuple(found)


def find_profile(name: str, project: Path | None) -> Profile:
    """A profile by id (`.mcpaudit/profiles/ID.yaml`) or by path; raises UsageError where there is none."""
    by_id = project / FOLDER / "profiles" / f"{name}.yaml" if project else None
    if by_id is not None and by_id.is_file():
        return read_profile(by_id, f"{FOLDER}/profiles/{name}.yaml")
    if Path(name).is_file():
        return read_profile(Path(name), Path(name).as_posix())
    raise UsageError(
        f"there is no profile `{name}`: neither {FOLDER}/profiles/{name}.yaml nor a file of that name"
    )


def read_profile(path: Path, shown: str) -> Profile:
    """Read a profile file; raises ConfigurationError with every mistake."""
    document = read_document(path, shown)
    root = Node(document, document.data)
    mistakes = validate(document, "profile")
    spec, metadata = root.child("spec") or root, root.child("metadata") or root
    needs = tuple(
        Need(
            actions=frozenset(_texts(node, "actions")),
            resource=pattern,
            all=node.flag("all") is True,
            together=node.flag("together") is True,
        )
        for node in _list(spec, "needs")
        if (pattern := _pattern(node, "resource", mistakes))
    )
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda one: (one.line, one.column)))
    limit = spec.at("limits", "servers")
    return Profile(
        id=metadata.text("id"),
        title=metadata.text("title"),
        needs=needs,
        place=Place(shown),
        max_servers=limit.value if limit and isinstance(limit.value, int) else None,
        server_price=_price(spec, "server", SERVER_PRICE),
        flow_price=_price(spec, "flow", FLOW_PRICE),
    )


def _price(spec: Node, name: str, default: int) -> int:
    node = spec.at("prices", name)
    return node.value if node is not None and isinstance(node.value, int) else default


def _pattern(node: Node, key: str, mistakes: list[Mistake]) -> Pattern | None:
    """The pattern under a key; `None` where it is none, or where the schema has told so already."""
    held = node.child(key)
    if held is None or not isinstance(held.value, str):
        return None
    try:
        return Pattern.parse(node.text(key))
    except ValueError as error:
        route: Route = (*node.route, key)
        mistakes.append(mistake(node.document, route, str(error)))
        return None


def _list(root: Node, key: str) -> list[Node]:
    node = root.child(key)
    return list(node.elements()) if node and node.value is not None else []


def _texts(root: Node, key: str) -> tuple[str, ...]:
    return tuple(str(node.value) for node in root.texts(key) or ())


def _params(root: Node, mistakes: list[Mistake]) -> dict[str, dict[str, Param]]:
    section = root.child("params")
    found: dict[str, dict[str, Param]] = {}
    for policy, values in section.items() if section else ():
        found[policy] = {}
        for name, node in values.items():
            value = node.value
            if not is_param(value):
                text = f"the param `{name}` {PARAM_KINDS}"
                mistakes.append(mistake(root.document, node.route, text))
            else:
                found[policy][name] = param(value)
    return found


def _severities(root: Node) -> dict[str, Severity]:
    section = root.child("severities")
    return {policy: severity(str(node.value)) for policy, node in (section.items() if section else ())}


def _days(root: Node) -> dict[Severity, int]:
    section = root.at("waivers", "max_days")
    days: dict[Severity, int] = {}
    for name, node in section.items() if section else ():
        if isinstance(node.value, int):
            days[severity(name)] = node.value
    return days


def check_names(document: Document, configuration: Configuration, policies: Iterable[Policy]) -> None:
    """Refuse unknown policies and params; raises ConfigurationError with every one of them."""
    known = {policy.id: policy for policy in policies}
    mistakes = [
        _no_policy(document, ("disable", index), name, known)
        for index, name in enumerate(configuration.disabled)
        if name not in known
    ]
    named = [
        *(("params", name) for name in configuration.params),
        *(("severities", name) for name in configuration.severities),
    ]
    mistakes += [_no_policy(document, route, route[1], known) for route in named if route[1] not in known]
    for name, given in configuration.params.items():
        for key, value in given.items():
            if name in known and key not in known[name].params:
                hint = did_you_mean(key, known[name].params)
                text = f"the policy `{name}` has no param `{key}`"
                mistakes.append(mistake(document, ("params", name, key), text, hint, on_key=True))
            elif name in known:
                mistakes += _misfit(document, known[name], key, value)
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda one: (one.line, one.column)))


def _misfit(document: Document, policy: Policy, name: str, value: Param) -> Iterator[Mistake]:
    """What is wrong with a param's new value: its type, or what the condition would become with it."""
    # Imported here: most projects set no params.
    from mcpaudit.policy.checking import check
    from mcpaudit.policy.kinds import param_field

    route: Route = ("params", policy.id, name)
    own, given = param_field(name, policy.params[name]), param_field(name, value)
    fits = (own.repeated and value == ()) or (own.type, own.repeated) == (given.type, given.repeated)
    if not fits and policy.params[name] != ():
        kind = "a list of texts" if own.repeated else _KINDS[own.type]
        text = f"the param `{name}` of `{policy.id}` is {kind}"
        yield mistake(document, route, text, f"its own value is {param_in_words(policy.params[name])}")
        return
    for problem in check(policy.subject, policy.where, {**policy.params, name: value}, policy.variables):
        text = f"with this value of `{name}`, the policy `{policy.id}` is wrong: {problem.message}"
        yield mistake(document, route, text, problem.hint)


_KINDS = {"string": "a text", "int": "a whole number", "bool": "true or false"}


def _no_policy(document: Document, route: Route, name: str, known: Iterable[str]) -> Mistake:
    on_key = route[0] != "disable"
    return mistake(document, route, f"there is no policy `{name}`", did_you_mean(name, known), on_key)
