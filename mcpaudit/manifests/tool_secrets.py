"""Tools as servers describe them, without the secrets that some of them describe by example."""

from collections.abc import Iterable
from dataclasses import replace

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.knowledge.secrets import LONGEST, KnowsSecrets, mask, may_hold
from mcpaudit.manifests.offer import Offer
from mcpaudit.parsing.document import Json


def tools_of(offer: Offer, packs: KnowsSecrets) -> tuple[RawTool, ...]:
    """The tools of an offer without their secrets."""
    # Of a saved list every text was looked at for its digest already.
    if offer.source == "supplied" and offer.document is not None and offer.document.masked is False:
        return offer.tools
    return without_secrets(offer.tools, packs)


def without_secrets(tools: Iterable[RawTool], packs: KnowsSecrets) -> tuple[RawTool, ...]:
    """The same tools with all masked that says itself that it is a secret, in names and schemas, too."""

    def text(value: str) -> str:
        plain = len(value) <= LONGEST and not may_hold(value)
        return value if plain else mask(value, "", packs).text

    def table(value: dict[str, Json]) -> dict[str, Json]:
        return {text(name): json(held) for name, held in value.items()}

    def json(value: Json) -> Json:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, dict):
            return table(value)
        return [json(one) for one in value] if isinstance(value, list) else value

    return tuple(
        replace(
            one,
            name=text(one.name),
            title=text(one.title),
            description=text(one.description),
            input_schema=table(one.input_schema),
            annotations=table(one.annotations),
        )
        for one in tools
    )
