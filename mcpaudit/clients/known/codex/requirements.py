"""What an organisation's `requirements.toml` leaves of Codex's servers and approval policies.

Sources: developers.openai.com on managed configuration (identity, `allowed_approval_policies`);
Codex 0.169.0, observed (a `[mcp_servers]` table, even an empty one, switches unlisted servers off).
"""

from dataclasses import replace

from mcpaudit.clients.client import Switch
from mcpaudit.clients.known.codex.files import ID, SYSTEM, TITLE
from mcpaudit.clients.reading import Reading
from mcpaudit.model.server import Installation
from mcpaudit.parsing.node import Node

FILE = "requirements.toml"
POLICIES = "allowed_approval_policies"
DEFAULT = "on-request"


def requirements(reading: Reading) -> Node | None:
    """The file of this machine; cloud requirements and those of device management are not on it."""
    return reading.file(SYSTEM[reading.site.platform] + FILE, "toml", f"{TITLE} requirements", ID)


def admitted(one: Installation, node: Node, required: Node | None) -> Installation:
    """Blocked, unless the table of servers lists its name with its command or URL."""
    listed = required.child("mcp_servers") if required else None
    if listed is None or one.state in ("disabled", "rejected"):
        return one
    record = listed.child(one.name)
    if record is None:
        return _blocked(one, listed, "does not list this server")
    identity = record.child("identity")
    command, url = (identity.text("command"), identity.text("url")) if identity else ("", "")
    if (command and command == node.text("command")) or (url and url == node.text("url")):
        return one
    return _blocked(one, record, "lists this name with another command or URL")


def _blocked(one: Installation, node: Node, why: str) -> Installation:
    place = replace(node.place, on_key=True)
    return replace(one, state="blocked", reason=f"{FILE} {why}", decided=place)


def policies(required: Node | None, switches: list[Switch]) -> list[Switch]:
    """The switches once the allowed approval policies hold: what they leave out becomes the first of them.

    Where no file chooses one, Codex's default stays if it is allowed.
    """
    allowed = required.texts(POLICIES) if required else None
    if not allowed:
        return switches
    names = [str(node.value) for node in allowed]
    place = allowed[0].place
    kept = [one for one in switches if one.name != "approval_policy" or one.value in names]
    stated = [one for one in switches if one.name == "approval_policy"]
    if not any(one in kept for one in stated) and (stated or DEFAULT not in names):
        # That a policy which is not allowed falls back to the first that is: not verified.
        kept.append(Switch("approval_policy", names[0], place))
    return [*kept, Switch(POLICIES, ", ".join(names), place)]
