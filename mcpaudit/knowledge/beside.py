"""What a tool's inputs reach besides its own kind of thing: the shell, the web, local files."""

from collections.abc import Iterator, Sequence

from mcpaudit.knowledge.acts import Act, Target, takes_method
from mcpaudit.knowledge.lexicon import Phrase, lexicon
from mcpaudit.knowledge.verb import Reading
from mcpaudit.knowledge.words import Input
from mcpaudit.model.action import EVERYTHING, OBSERVING, Actions
from mcpaudit.model.certainty import Certainty

EXEC: Target = ("local", "exec")
FILE: Target = ("local", "file")
WEB: Target = ("web", "http")
_READ: Actions = frozenset({"read"})
_SEND: Actions = frozenset({"send"})
_RUN: Actions = frozenset({"execute", "read"})
"""What is run hands its output back."""


def acts_beside(
    own: Reading | None,
    text: str,
    fields: Sequence[Input],
    phrases: Sequence[Phrase],
    foreign: str,
    done: Actions,
) -> Iterator[Act]:
    """What inputs and telling phrases reach elsewhere.

    `foreign` is a known provider beyond this machine, so that a path or a command may be its own; else empty.
    """
    lex = lexicon()
    sure = own is not None and own.sure
    executes = "execute" in done
    observes = bool(done) and done <= OBSERVING
    for item in fields:
        if item.key in lex.parameters["webhook"] and not item.depth:
            yield Act(_SEND, Certainty.POSSIBLE, (f"its parameter `{item.key}` is called back later",), WEB)
        if item.depth > 1 or not item.free:
            continue
        if foreign and item.key in lex.parameters["any_call"]:
            evidence = (f"its parameter `{item.key}` takes any call that the provider knows",)
            yield Act(EVERYTHING, Certainty.CERTAIN, evidence, (foreign, ""))
        elif (
            item.key in lex.parameters["runs"]
            and not _routes(fields)
            and _runs(own, text, item, executes, observes)
        ):
            on_page = item.key in lex.parameters["runs_in_page"] and bool(foreign)
            evidence = (f"its parameter `{item.key}` takes free text that is run",)
            certainty = Certainty.CERTAIN if sure and executes and not foreign else Certainty.POSSIBLE
            yield Act(_RUN, certainty, evidence, None if on_page else EXEC, settles=True)
        elif _is_address(item) or (_fetches(own) and item.key.endswith(lex.endings["url_like"])):
            for_web = _for_web(own, foreign)
            if not for_web and (foreign or _stores(own, item)):
                continue  # an address that is kept, and not fetched
            certainty = Certainty.CERTAIN if not foreign or sure else Certainty.POSSIBLE
            evidence = (f"its parameter `{item.key}` takes any address",)
            # What a clone or an upload fetches is not handed back.
            actions = _SEND if own and own.sure and not own.observes else _READ | _SEND
            yield Act(actions, certainty, evidence, WEB, settles=for_web)
        elif item.key in lex.parameters["host"] and not foreign and _is_connected_to(item, text):
            evidence = (f"its parameter `{item.key}` takes any host",)
            yield Act(_SEND, Certainty.POSSIBLE, evidence, WEB)
        elif _is_output(item):
            certainty = Certainty.CERTAIN if item.key in lex.parameters["output"] else Certainty.POSSIBLE
            evidence = ("a parameter says where on this machine it saves",)
            # In a folder it makes a file of its own; a path may be that of a file which is there.
            yield Act(
                frozenset({"create"} if _is_folder(item) else {"create", "write"}), certainty, evidence, FILE
            )
        elif _is_path(item) and executes and not (foreign or item.depth) and own and _names_file(own):
            evidence = (f"its parameter `{item.key}` takes a file that is run",)
            yield Act(_RUN, Certainty.POSSIBLE, evidence, EXEC, settles=True)
        elif _is_path(item) and not (foreign or item.depth or executes or takes_method(fields, text)):
            evidence = (f"its parameter `{item.key}` takes any path",)
            saves = own is not None and own.verb in lex.parameters["saving_verbs"]
            actions = (done or _READ) | (frozenset({"write"}) if saves else frozenset())
            carries = own is not None and _carries(own)
            yield Act(_READ if carries else actions, Certainty.POSSIBLE, evidence, FILE, settles=not carries)
    if not fields and own and own.verb in lex.parameters["address_verbs"] and _names_address(own):
        yield Act(_READ | _SEND, Certainty.POSSIBLE, ("its name says that it takes an address",), WEB, True)
    for one in phrases:
        if one.on:
            provider, _, kind = one.on.partition(":")
            yield Act(one.actions, Certainty.POSSIBLE, (one.says,), (provider, kind))


def takes_program(fields: Sequence[Input]) -> bool:
    """Whether the caller hands over a command or code."""
    keys = lexicon().parameters["runs"]
    return any(item.free and item.key in keys for item in fields) and not _routes(fields)


def takes_path(fields: Sequence[Input]) -> bool:
    """Whether the caller names a file or folder."""
    return any(item.free and (_is_path(item) or _is_output(item)) for item in fields)


def _is_path(item: Input) -> bool:
    lex = lexicon()
    if item.key in lex.parameters["path_if_said"]:
        return lex.said["path_said"].search(item.description.lower()) is not None
    if item.key.startswith(lex.endings["elsewhere_start"]):
        return False
    return (
        item.key in lex.parameters["path"]
        or item.key.endswith(lex.endings["path_like"])
        or (item.key.startswith(lex.endings["path_start"]))
    )


def _is_folder(item: Input) -> bool:
    return item.key.endswith(lexicon().endings["folder_like"])


def takes_file(fields: Sequence[Input]) -> bool:
    """Whether the caller names a file, and not only the folder that it lies in."""
    return takes_path([item for item in fields if not _is_folder(item)])


def takes_address(fields: Sequence[Input]) -> bool:
    """Whether the caller names what is called."""
    return any(item.free and _is_address(item) for item in fields)


def _routes(fields: Sequence[Input]) -> bool:
    """Whether a `command` names one of the tool's own commands, whose arguments stand beside it."""
    return len({item.key for item in fields} & lexicon().parameters["router"]) > 1


def _for_web(own: Reading | None, foreign: str) -> bool:
    """Whether the tool fetches the address that it takes."""
    verbs = lexicon().parameters["fetching_verbs" if foreign else "web_verbs"]
    return own is None or own.verb in verbs or _names_address(own)


def _is_connected_to(item: Input, text: str) -> bool:
    """Whether a host is one that the tool itself calls, and no field that it filters by."""
    said = lexicon().said["host_said"]
    return said.search(f"{item.description} {text[:300]}".lower()) is not None


def _stores(own: Reading | None, item: Input) -> bool:
    """Whether an address is kept as one more field."""
    if own is None:
        return False
    lex = lexicon()
    keeps = own.verb in lex.parameters["keeping_verbs"] and item.key not in lex.parameters["url"]
    return keeps or own.verb in lex.parameters["storing_verbs"]


def _names_file(own: Reading) -> bool:
    return not lexicon().parameters["run_files"].isdisjoint(own.object)


def _carries(own: Reading) -> bool:
    """Whether a file is taken from this machine to somewhere else."""
    return own.verb in lexicon().parameters["carrying_verbs"]


def _fetches(own: Reading | None) -> bool:
    return own is not None and own.verb in lexicon().parameters["fetching_verbs"]


def _names_address(own: Reading) -> bool:
    return not lexicon().parameters["address"].isdisjoint(own.object)


def _is_address(item: Input) -> bool:
    lex = lexicon()
    return item.key in lex.parameters["url"] or lex.said["address_said"].match(item.description) is not None


def _runs(own: Reading | None, text: str, item: Input, executes: bool, observes: bool) -> bool:
    """Whether a `command` or `code` is run, and not merely stored, explained or looked up."""
    lex = lexicon()
    decided = (own is not None and own.sure) or observes
    if executes and (not decided or (own is not None and "execute" in own.actions)):
        return True
    if not decided and item.key not in lex.parameters["runs_if_said"]:
        return True
    said = item.description if decided else f"{item.description} {text[:200]}"
    return lex.said["runs_said"].search(said.lower()) is not None


def _is_output(item: Input) -> bool:
    lex = lexicon()
    if item.key in lex.parameters["output"]:
        return True
    # `file_path`, `responseFilePath`: either may also be read from, so the description decides.
    like = item.key.endswith(lex.endings["output_like"])
    return like and lex.said["output_said"].search(item.description.lower()) is not None
