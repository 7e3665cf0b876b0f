"""What the code behind a tool shows: the calls that its handler reaches, each with its file and line.

A call that agrees with the tool's words makes them certain; one that goes beyond them adds what is then
possible, because nobody has shown that the caller decides what it is called with.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from mcpaudit.knowledge.acts import Act
from mcpaudit.knowledge.beside import EXEC, FILE, WEB, takes_address, takes_file, takes_path, takes_program
from mcpaudit.knowledge.lexicon import lexicon, verb_of
from mcpaudit.knowledge.verb import Reading
from mcpaudit.knowledge.words import Input, words
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Evidence

_EXECUTE: Actions = frozenset({"execute"})
_SEND: Actions = frozenset({"send"})
_READ: Actions = frozenset({"read"})


class Named(Protocol):
    """What is asked of the provider packs."""

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The providers that the words name, each with the word that does."""


def providers_by_code(code: Sequence[Evidence], packs: Named) -> tuple[str, ...]:
    """The providers whose own library the handler calls."""
    libraries = [one for one in code if one.ability == "sdk"]
    found = (packs.named_in(words(one.called)) for one in libraries)
    return tuple(dict.fromkeys(provider for named in found for provider, _ in named))


def acts_of_code(code: Sequence[Evidence], done: Actions) -> Iterator[Act]:
    """What calls of a database, a provider's library or an address do to the tool's own kind of thing."""
    for one in code:
        read = _by_method if one.ability == "network" else _by_verb
        if one.ability in ("database", "sdk", "network") and (actions := read(one.called)):
            certainty = Certainty.CERTAIN if actions <= done else Certainty.POSSIBLE
            yield Act(actions, certainty, (str(one),))


def beside_of_code(
    code: Sequence[Evidence], own: Reading | None, fields: Sequence[Input], foreign: str, done: Actions
) -> Iterator[Act]:
    """What calls reach on this machine and in the web; `foreign` as in `acts_beside`."""
    program, path, address = takes_program(fields), takes_path(fields), takes_address(fields)
    for one in code:
        said = (str(one),)
        if one.ability == "files":
            # A file that is deleted and that nobody names is a temporary one.
            kept = path or "delete" in done
            actions = lexicon().file_calls.get(_last(one.called), frozenset())
            if path and not takes_file(fields):
                actions -= {"write"}  # in a folder it makes a file of its own
            if actions and (kept or "delete" not in actions):
                yield Act(actions, _sure(path and actions <= done), said, FILE)
        elif one.ability == "evaluates" and (program or any(item.free for item in fields)):
            yield Act(_EXECUTE, _sure(program and not foreign), said, EXEC, settles=program)
        elif one.ability == "executes" and (program or not done):
            # A program of fixed name, such as `git`, does what the tool's words say.
            yield Act(_EXECUTE, _sure(program and not foreign), said, EXEC, settles=True)
        elif one.ability == "network" and address:
            changing = own is not None and own.sure and not own.observes
            yield Act(_SEND if changing else _SEND | _READ, Certainty.CERTAIN, said, WEB)


def _sure(given: bool) -> Certainty:
    """Certain where the caller gives what the call needs."""
    return Certainty.CERTAIN if given else Certainty.POSSIBLE


def _last(called: str) -> str:
    return called.rpartition(".")[2].lower()


def _by_verb(called: str) -> Actions:
    verb, *thing = words(called.rpartition(".")[2]) or ("",)
    lex = lexicon()
    found = verb_of(verb) if verb in lex.call_verbs and lex.connects.isdisjoint(thing) else None
    return found[1] if found else frozenset()


def _by_method(called: str) -> Actions:
    """What a request does; a GET or POST may mean anything."""
    method = _last(called)
    return lexicon().http[method] if method in ("put", "patch", "delete") else frozenset()
