"""What the code behind a tool adds to what its words say."""

from collections.abc import Iterable, Sequence

import pytest

from mcpaudit.knowledge.capability import KindMatch, RawTool, infer
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Ability, Evidence, Spot, Tool
from mcpaudit.parsing.document import Json

C, P, U = Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.UNKNOWN
TEXT: Json = {"type": "string"}


class Hub:
    """Knows that the library `hubkit` is the provider `hub`'s."""

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> Sequence[KindMatch]:
        return ()

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return (("hub", "hubkit"),) if "hubkit" in words else ()

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        return None


def tool(name: str, *calls: tuple[Ability, str], provider: str = "", **properties: Json) -> Tool:
    code = tuple(
        Evidence(ability, f"it calls `{called}`", Spot("a/server.py", line))
        for line, (ability, called) in enumerate(calls, 1)
    )
    raw = RawTool(name, input_schema={"properties": properties}, code=code)
    return infer(raw, "npm:some", [provider] if provider else [], Hub())


def rows(found: Tool) -> set[tuple[str, frozenset[str], Certainty]]:
    return {(f"{one.provider}:{one.kind}", one.actions, one.certainty) for one in found.touches}


def row(on: str, actions: set[str], certainty: Certainty) -> tuple[str, frozenset[str], Certainty]:
    return (on, frozenset(actions), certainty)


def test_a_tool_that_says_it_reads_and_writes_a_file_may_write_one() -> None:
    found = tool("get_paper", ("files", "pathlib.Path.write_text"))
    assert rows(found) == {row("unknown:", {"read"}, C), row("local:file", {"create", "write"}, P)}
    assert found.touches[1].evidence == ("it calls `pathlib.Path.write_text` (a/server.py:1)",)


def test_a_call_that_agrees_makes_certain_what_was_possible() -> None:
    without, found = tool("write_it", path=TEXT), tool("write_it", ("files", "fs.writeFile"), path=TEXT)
    assert row("local:file", {"write"}, C) in rows(without)
    assert row("local:file", {"create"}, P) in rows(found)
    unsure = tool("store_it", ("sdk", "hubkit.items.create"))
    assert rows(tool("store_it", provider="hub")) == {row("hub:", {"create"}, P)}
    assert rows(unsure) == {row("hub:", {"create"}, C)}


def test_a_temporary_file_that_is_deleted_is_no_deletion() -> None:
    assert "delete" not in tool("get_it", ("files", "os.unlink")).actions
    assert "delete" in tool("get_it", ("files", "os.unlink"), path=TEXT).actions
    assert "delete" in tool("purge_it", ("files", "os.unlink")).actions


def test_a_file_in_a_folder_that_the_caller_names_is_a_new_one() -> None:
    found = tool("draw_it", ("files", "open.write"), output_dir=TEXT)
    assert "write" not in found.actions
    assert "create" in found.actions


def test_a_program_of_fixed_name_is_no_shell_and_one_that_the_caller_names_is() -> None:
    assert rows(tool("get_status", ("executes", "subprocess.run"))) == {row("unknown:", {"read"}, C)}
    given = rows(tool("get_status", ("executes", "subprocess.run"), command=TEXT))
    assert given == {row("local:exec", {"read", "execute"}, C)}
    beyond = rows(tool("get_status", ("executes", "subprocess.run"), provider="hub", command=TEXT))
    assert row("local:exec", {"execute"}, P) in beyond, "the command may run at the provider"


def test_a_tool_of_which_nothing_else_is_known_may_run_what_its_code_runs() -> None:
    found = rows(tool("zzz", ("executes", "os.system")))
    assert row("local:exec", {"execute"}, P) in found
    assert any(certainty is U for _, _, certainty in found), "what else it does stays unknown"
    assert any(certainty is U for _, _, certainty in rows(tool("zzz", ("sdk", "hubkit.items.create"))))


def test_code_that_is_evaluated_runs_what_the_caller_hands_over() -> None:
    assert row("local:exec", {"execute"}, P) in rows(tool("calculate", ("evaluates", "eval"), formula=TEXT))
    given = rows(tool("calculate", ("evaluates", "eval"), expression=TEXT))
    assert given == {row("local:exec", {"read", "execute"}, C)}
    assert "execute" not in tool("calculate", ("evaluates", "eval"), number={"type": "number"}).actions


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        (("network", "httpx.delete"), {"delete"}),
        (("network", "requests.post"), set()),
        (("database", "….insert_many"), {"create"}),
        (("database", "sqlalchemy.create_engine"), set()),
        (("database", "….fetchone"), set()),
        (("sdk", "hubkit.chat.postMessage"), {"create", "send"}),
    ],
)
def test_calls_of_services_do_what_their_verbs_say(called: tuple[Ability, str], expected: set[str]) -> None:
    assert tool("get_it", called).actions - {"read"} == expected


def test_a_library_names_the_provider() -> None:
    assert {one.provider for one in tool("get_it", ("sdk", "hubkit.Client")).touches} == {"hub"}
    assert {one.provider for one in tool("get_it", ("sdk", "hubkit.Client"), provider="mine").touches} == {
        "mine"
    }


def test_an_address_that_is_called_is_certain() -> None:
    found = tool("convert_it", ("network", "httpx.get"), provider="hub", url=TEXT)
    assert row("web:http", {"read", "send"}, C) in rows(found)
