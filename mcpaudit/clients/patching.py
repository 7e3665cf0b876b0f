"""From a supposition to changes of files in each client's own syntax, as far as its settings permit.

What cannot be written (a client without such a setting, files of an organisation or a plugin, a file that
another client reads too) is said in a sentence, with the reason.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from mcpaudit.clients.client import AgentConfig, Collected
from mcpaudit.clients.outcome import client_of, rule_of
from mcpaudit.clients.patched_file import PatchedFile, opened
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.client_facts import Setting, client_facts
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Manifest, Tool
from mcpaudit.model.patch import TREES, Made, Patches
from mcpaudit.model.place import Place, Route
from mcpaudit.model.server import Installation
from mcpaudit.model.supposition import Part, Reword, Supposition
from mcpaudit.parsing.document import Json, existing, value_at
from mcpaudit.parsing.edit import Edit
from mcpaudit.parsing.uneditable import Uneditable

NOT_YOURS = {
    "managed": "it comes from settings that the organisation manages",
    "system": "it comes from the system's settings",
    "defaults": "it comes from the system's defaults",
    "plugin": "a plugin brings it along",
    "extension": "an extension brings it along",
    "environment": "it comes from a variable of the environment",
    "supposed": "no file has it",
}
_SHOWN = 6


def patches(
    collected: Collected, manifests: Mapping[str, Manifest], what: Supposition, packs: Packs
) -> Patches:
    """The changes that bring the supposition about; `manifests` are the servers' tools by installation."""
    return _Maker(collected, manifests, what, packs).made()


@dataclass(slots=True)
class _Maker:
    collected: Collected
    manifests: Mapping[str, Manifest]
    what: Supposition
    packs: Packs
    files: dict[str, PatchedFile] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    made_so_far: list["_Change"] = field(default_factory=list)
    touched: list["_Change"] = field(default_factory=list)
    """The changes that the wish at hand makes or shares."""
    missed: dict[Part, str] = field(default_factory=dict)

    def made(self) -> Patches:
        reworded = self._reword()
        denied = [name for one in self._installations() for name in self._deny(one)]
        # From the last to the first, so that no change moves what another one speaks of.
        places = sorted(set(self.what.drop), key=lambda place: place.sort_key, reverse=True)
        dropped = [
            place for place in places if self._tried(f"drop {place}", [partial(self._drop, place)], [place])
        ]
        removed = [one.id for one in self._installations() if self._named(one) and self._remove(one)]
        changed = [one for one in self.files.values() if one.before != one.after]
        return Patches(
            files=tuple(
                one.patch for tree in TREES for one in sorted(changed, key=_by_name) if one.tree == tree
            ),
            done=Supposition(
                remove=tuple(removed), deny=tuple(denied), reword=tuple(reworded), drop=tuple(dropped)
            ),
            left=tuple(dict.fromkeys(self.left)),
            made=tuple(Made(one.file, one.says, tuple(dict.fromkeys(one.parts))) for one in self.made_so_far),
            missed=self.missed,
            contents={one.file: one.content for one in changed},
        )

    def _configs(self) -> Iterator[AgentConfig]:
        return (one for one in self.collected.agents if self.what.agent in ("", one.agent.id))

    def _installations(self) -> Iterator[Installation]:
        return (one for config in self._configs() for one in config.installations if not one.server.builtin)

    def _named(self, one: Installation) -> bool:
        return not {one.id, one.name, one.server.id}.isdisjoint(self.what.remove)

    def _tried(self, wish: str, ways: Sequence[Callable[[], None]], parts: Sequence[Part]) -> bool:
        """Whether one of the ways works; where none does, the sentence that the first one gives."""
        reasons: list[str] = []
        for way in ways:
            before, known = dict(self.files), len(self.made_so_far)
            self.touched = []
            try:
                way()
            except Uneditable as reason:
                self.files = before
                del self.made_so_far[known:]
                reasons.append(str(reason))
            else:
                for change in self.touched:
                    change.parts += parts
                return True
        self.left.append(f"{wish}: {reasons[0]}" if reasons else wish)
        self.missed |= dict.fromkeys(parts, reasons[0] if reasons else wish)
        return False

    def _change(self, file: str, edits: Sequence[Edit], says: str) -> None:
        held = self.files.get(file) or opened(file, self.collected.documents, self.collected.site, self.packs)
        # Several agents of one file may want the same.
        left = [edit for edit in edits if not _done(held.data, edit)]
        self.files[file] = held.changed(left, says) if left else held
        if left:
            self.made_so_far.append(_Change(file, says, left))
            self.touched.append(self.made_so_far[-1])
        else:
            same = (one for one in self.made_so_far if one.file == file)
            self.touched += [one for one in same if any(edit in one.edits for edit in edits)]

    # Removing servers

    def _remove(self, one: Installation) -> bool:
        settings = self._settings(one, "switch-off")
        ways = [partial(self._remove_entries, one)]
        ways += [partial(self._switch_off, one, setting) for setting in settings]
        return self._tried(f"remove `{one.name}` from {self._title(one)}", ways, [one.id])

    def _remove_entries(self, one: Installation) -> None:
        for place in (one.place, *one.shadows):
            self._own(one, place, lambda other: self._named(other))
            self._change(
                place.file, [Edit("remove", place.route)], f"{self._title(one)}: remove `{one.name}`"
            )

    def _switch_off(self, one: Installation, setting: Setting) -> None:
        if setting.inside == "entry":
            self._own(one, one.place, lambda other: self._named(other))
        self._write(one, setting, [one.name], f"{self._title(one)}: switch `{one.name}` off")

    # Denying tools

    def _deny(self, one: Installation) -> list[str]:
        """The ids of the tools that the files deny."""
        tools = self.manifests[one.id].tools if one.id in self.manifests else ()
        denied = [tool for tool in tools if self._denies(one, tool)]
        if not denied or self._named(one):
            return []
        kept = [tool for tool in tools if tool not in denied]
        ways = list(self._ways(one, denied, kept))
        ids = [f"{one.id}/{tool.name}" for tool in denied]
        wish = f"deny {_listed(denied)} of `{one.name}` in {self._title(one)}"
        if not ways:
            why = "no file of it is known to deny a tool"
            self.left.append(f"{wish}: {why}")
            self.missed |= dict.fromkeys(ids, why)
            return []
        return ids if self._tried(wish, ways, ids) else []

    def _denies(self, one: Installation, tool: Tool) -> bool:
        names = {tool.name, f"{one.name}/{tool.name}", f"{one.id}/{tool.name}"}
        return not names.isdisjoint(self.what.deny)

    def _ways(self, one: Installation, denied: list[Tool], kept: list[Tool]) -> Iterator[Callable[[], None]]:
        """An allow list that is there, or can hold what is surely all; a deny list; else any allow list."""
        manifest = self.manifests[one.id]
        sure = manifest.complete and manifest.certainty is Certainty.CERTAIN
        says = f"{self._title(one)}: deny {_listed(denied)} of `{one.name}`"
        rules = [self._rule(one, tool) for tool in denied]
        allow = self._settings(one, "allow") if kept else []
        for setting in allow:
            if one.only_tools is not None:
                yield partial(self._shorten, one, setting, denied, says)
            elif sure:
                yield partial(self._limit, one, setting, kept)
        for setting in self._settings(one, "deny"):
            yield partial(self._write_rules, one, setting, rules, says, denied)
        for setting in allow:
            if manifest.complete and not sure and one.only_tools is None:
                yield partial(self._limit, one, setting, kept)

    def _write_rules(
        self, one: Installation, setting: Setting, rules: list[str], says: str, denied: list[Tool]
    ) -> None:
        if setting.inside == "file":
            # Who reads the server from this file reads the rules in it, too.
            self._own(one, one.place, lambda other: all(self._denies(other, tool) for tool in denied))
        self._write(one, setting, rules, says)

    def _rule(self, one: Installation, tool: Tool) -> str:
        """The word that the deny list takes, or the key that the map does."""
        rule = rule_of(one, tool)
        if not rule:
            return tool.name
        if rule.endswith('": "deny"'):
            return str(next(iter(json.loads(f"{{{rule}}}"))))
        return str(json.loads(rule))

    def _shorten(self, one: Installation, setting: Setting, denied: list[Tool], says: str) -> None:
        """Takes tools out of an allow list."""
        self._own(one, one.place, None)
        route = (*one.place.route, *setting.route)
        names = {tool.name for tool in denied}
        listed = self._value(one.place.file, route)
        if isinstance(listed, list):
            gone = [index for index, name in enumerate(listed) if name in names]
            edits = [Edit("remove", (*route, index)) for index in reversed(gone)]
        else:
            rest: list[Json] = [name for name in one.only_tools or () if name not in names]
            edits = [Edit("set", route, rest)]
        self._change(one.place.file, edits, says)

    def _limit(self, one: Installation, setting: Setting, kept: list[Tool]) -> None:
        """Writes an allow list: what a later version of the server adds stays out."""
        self._own(one, one.place, None)
        names: list[Json] = [tool.name for tool in kept]
        says = f"{self._title(one)}: leave only {_listed(kept)} of `{one.name}`"
        self._change(one.place.file, [Edit("set", (*one.place.route, *setting.route), names)], says)

    # Words and rules

    def _reword(self) -> list[Reword]:
        done: list[Reword] = []
        by_id = {one.id: one for one in self._installations()}
        wanted = sorted(self.what.reword, key=lambda word: word.place.sort_key, reverse=True)
        for word in wanted:
            one = by_id.get(word.server)
            if one is None or self._named(one):
                continue
            wish = f"narrow `{one.name}` in {self._title(one)}"
            # Agents of one file want the same once: a second removal would take the next word.
            known = any((other.place, other.text) == (word.place, word.text) for other in done)
            if known or self._tried(wish, [partial(self._reword_one, one, word)], [word]):
                done.append(word)
            for change in self.made_so_far if known else ():
                if any(isinstance(part, Reword) and part.place == word.place for part in change.parts):
                    change.parts.append(word)
        return done

    def _reword_one(self, one: Installation, word: Reword) -> None:
        same = {(other.server, other.text) for other in self.what.reword if other.place == word.place}
        self._own(one, one.place, lambda other: self._named(other) or (other.id, word.text) in same)
        route = word.place.route
        edits = [Edit("set", route, word.text) if word.text else Edit("remove", route)]
        if isinstance(listed := self._value(word.place.file, route), list):
            wanted = word.text.split()
            gone = [index for index, item in enumerate(listed) if item not in wanted]
            edits = [Edit("remove", (*route, index)) for index in reversed(gone)]
            edits += [Edit("append", route, item) for item in wanted if item not in listed]
        if isinstance(route[-1], int) and self._value(word.place.file, route) is None:
            edits = [Edit("append", route[:-1], word.text)]
        says = f"{self._title(one)}: {_reworded(one, word)}"
        self._change(word.place.file, edits, says)

    def _drop(self, place: Place) -> None:
        rule = next((one for config in self._configs() for one in config.rules if one.place == place), None)
        switches = (one.name for config in self._configs() for one in config.switches if one.place == place)
        if rule is not None:
            if reason := NOT_YOURS.get(rule.level):
                raise Uneditable(reason)
            says = f"drop the rule `{rule.pattern}`"
        elif switch := next(switches, ""):
            says = f"remove `{switch}`"
        elif any(gap.place == place and gap.kind == "without-effect" for gap in self.collected.gaps):
            says = f"remove `{' / '.join(map(str, place.route))}`, which has no effect"
            for one in self._installations():
                if one.place.file == place.file and place.route[: len(one.place.route)] == one.place.route:
                    self._own(one, one.place, None)
        else:
            raise Uneditable("no rule stands there")
        self._change(place.file, [Edit("remove", place.route)], says)

    # Where changes go

    def _settings(self, one: Installation, purpose: str) -> list[Setting]:
        client = client_facts(one.client)
        found = [one_of for one_of in client.patches if one_of.to == purpose] if client else []
        return [
            setting
            for setting in found
            if (not setting.levels or one.level in setting.levels)
            and not one.place.file.endswith(setting.not_in or ("\n",))
        ]

    def _write(self, one: Installation, setting: Setting, words: Sequence[str], says: str) -> None:
        """Puts words into a list or map, or sets a switch."""
        if setting.inside:
            self._own(one, one.place, None)
        file = one.place.file if setting.inside else self._file(one, setting)
        whole = (gap for gap in self.collected.gaps if gap.place == Place(file) and gap.kind == "ignored")
        if not setting.inside and (gap := next(whole, None)):
            raise Uneditable(f"{file}: {gap.reason}")
        route: Route = (*one.place.route, *setting.route) if setting.inside == "entry" else setting.route
        if setting.form == "flag":
            edits = [Edit("set", route, setting.value)]
        elif setting.form == "map":
            edits = list(self._map(file, route, words))
        else:
            there = one.except_tools if setting.inside == "entry" and setting.to == "deny" else ()
            edits = [Edit("append", route, word) for word in words]
            if there and not isinstance(self._value(file, route), list):
                # A weaker file has the list, and this one would take its place.
                edits = [Edit("set", route, [*there, *words])]
        self._change(file, edits, says)

    def _map(self, file: str, route: Route, words: Sequence[str]) -> Iterator[Edit]:
        """Entries at the end of the map, where they count before those above."""
        held = self._value(file, route)
        if isinstance(held, str):
            yield Edit("set", route, {"*": held})
        for word in words:
            if isinstance(held, dict) and word in held and held[word] != "deny":
                yield Edit("remove", (*route, word))
            yield Edit("set", (*route, word), "deny")

    def _value(self, file: str, route: Route) -> Json:
        held = self.files.get(file)
        document = self.collected.documents.get(file)
        return value_at(held.data if held else document.data if document else {}, route)

    def _file(self, one: Installation, setting: Setting) -> str:
        """The file for the level of the entry; else the user's for the user's entries, else the project's."""
        usual = "user" if one.place.file.startswith("~/") else "project"
        levels = [level for level in (one.level, usual, "project", "user") if level in setting.files]
        for level in levels:
            if found := self.collected.site.locate(setting.files[level]):
                return found[1]
        raise Uneditable("the files that could say so are not audited")

    def _own(self, one: Installation, place: Place, agree: Callable[[Installation], bool] | None) -> None:
        """Raises `Uneditable` where an entry is not its user's, or another agent needs it as it is."""
        every = [other for config in self.collected.agents for other in config.installations]
        # What an entry hides may be of another level.
        levels = [other.level for other in every if other.place == place] or [one.level]
        if reason := next(filter(None, map(NOT_YOURS.get, levels)), ""):
            raise Uneditable(reason)
        if agree is None:
            return
        for other in every:
            same = place in (other.place, *other.shadows)
            if other.id != one.id and same and other.reachable and not agree(other):
                raise Uneditable(f"{self._title(other)} reads it from {place.file} too, and keeps it")

    def _title(self, one: Installation) -> str:
        return client_of(one.client).title


@dataclass(slots=True)
class _Change:
    """One change of a file on its way, with the wishes that it answers."""

    file: str
    says: str
    edits: list[Edit]
    parts: list[Part] = field(default_factory=list)


def _reworded(one: Installation, word: Reword) -> str:
    words = [*one.entry.args, *(variable for _, variable in one.entry.env)]
    words += [one.entry.login_scopes] if one.entry.login_scopes else []
    was = next((held.text for held in words if held.place == word.place), "")
    if not word.text:
        return f"take `{was}` from `{one.name}`"
    name = word.place.route[-1]
    text = word.text if was or isinstance(name, int) else f"{name}={word.text}"
    return f"give `{one.name}` `{text}`{f' for `{was}`' if was else ''}"


def _done(data: Json, edit: Edit) -> bool:
    there = existing(data, edit.route) == edit.route
    if edit.kind == "remove":
        return not there
    held = value_at(data, edit.route)
    if edit.kind == "append":
        return isinstance(held, list) and edit.value in held
    return there and held == edit.value and type(held) is type(edit.value)


def _listed(tools: Sequence[Tool]) -> str:
    shown = [f"`{tool.name}`" for tool in tools[:_SHOWN]]
    return ", ".join([*shown, *([f"{len(tools) - _SHOWN} more"] if len(tools) > _SHOWN else [])])


def _by_name(one: PatchedFile) -> str:
    return one.file
