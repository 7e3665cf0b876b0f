"""The first stage: every client's files on one site, read into agents, installations and rules."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients import given_file
from mcpaudit.clients.client import AgentConfig, Collected
from mcpaudit.clients.credentials.collect import credentials
from mcpaudit.clients.credentials.files import CredentialFiles
from mcpaudit.clients.ledger import Ledger
from mcpaudit.clients.moved import moves
from mcpaudit.clients.precedence import assume_approved, distinct
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.clients.supposed import suppose
from mcpaudit.knowledge.builtin import builtin_tools
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.place import Place
from mcpaudit.model.server import BUILTIN, Installation, Server
from mcpaudit.model.site import Site
from mcpaudit.model.supposition import Supposition


def discover(
    site: Site,
    packs: Packs,
    *,
    as_is: bool = False,
    given: Path | None = None,
    only: Collection[str] = (),
    supposed: Supposition | None = None,
    instead: Mapping[str, bytes] | None = None,
    relays: Mapping[str, str] | None = None,
    ledger: Ledger | None = None,
) -> Collected:
    """Read what is installed on a site, without running any of it.

    `given` is a configuration file named by hand; then only that file is read. `only` names the clients to
    look for, by id; without any, it is all of them. `supposed` is what is to be otherwise than they say.
    `instead` are contents of files that do not count as they are on disk. `relays` are addresses of
    servers that are relays, and where they lead. `ledger` is one that remembers what it is told.
    """
    clients = [client for client in CLIENTS if not only or client.id in only]
    site = replace(site, moved=moves(site.env, site.platform))
    reading = Reading(site, ledger or Ledger(packs), as_is, instead or {}, relays or {})
    reading.site = site = replace(site, veil=reading.veil)
    configs: list[AgentConfig] = []
    if given is not None:
        configs += filter(None, [given_file.load(reading, given)])
    else:
        configs = [config for client in clients if (config := client.load(reading)) is not None]
    if supposed is not None:
        # A supposition names installations by the ids that they have as things are.
        configs = suppose(reading, [_settled(config, as_is) for config in configs], supposed)
    files = CredentialFiles(reading)
    finished = tuple(_finish(_with_files(config, files), as_is) for config in configs)
    return Collected(
        site=site,
        agents=finished,
        credentials=credentials(reading.ledger, packs, finished),
        gaps=tuple(reading.gaps),
        documents=reading.documents,
        roles=reading.roles,
        credential_files=tuple(sorted(files.texts.read)),
        looked_for=tuple(client.title for client in clients) if given is None else (given_file.TITLE,),
    )


def _finish(config: AgentConfig, as_is: bool) -> AgentConfig:
    settled = _settled(config, as_is)
    return replace(settled, installations=(*settled.installations, *_builtin(config)))


def _settled(config: AgentConfig, as_is: bool) -> AgentConfig:
    installed = config.installations if as_is else assume_approved(config.installations)
    return replace(config, installations=distinct(installed))


def _with_files(config: AgentConfig, files: CredentialFiles) -> AgentConfig:
    return replace(config, installations=tuple(map(files.of, config.installations)))


def _builtin(config: AgentConfig) -> tuple[Installation, ...]:
    """The client's own tools, as an installation that no file declares."""
    client = config.agent.client
    if not builtin_tools(client):
        return ()
    server = Server(f"{BUILTIN}{client}")
    place = Place(f"{config.agent.title} itself")
    return (Installation(config.agent.id, client, server.id, server, "builtin", place),)
