"""What a tool can do, and to what."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pytest

from mcpaudit.knowledge.capability import RawTool, infer, parse_tools_list, read_listing
from mcpaudit.knowledge.lexicon import DATABASE
from mcpaudit.model.action import EVERYTHING
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Tool
from mcpaudit.parsing.document import Json

C, P, U = Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.UNKNOWN


@dataclass(frozen=True, slots=True)
class Match:
    provider: str
    kind: str
    noun: str


class SomePacks:
    """Knows the issues of `hub`, and that one server is about files."""

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> tuple[Match, ...]:
        known = {"issue", "issues"} & set(words) if "hub" in providers else set()
        return tuple(Match("hub", "repo.issue", noun) for noun in sorted(known))

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        known = (("hub", "hub"), ("post", "post"), ("linear", "linear"))
        return tuple((provider, word) for provider, word in known if word in words)

    def provider_of_host(self, host: str) -> tuple[str, ...]:
        return ("hub",) if host == "hub.dev" else ()

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        return ("local", "file") if server_id == "npm:files" else None


def tool(
    name: str,
    description: str = "",
    *providers: str,
    server: str = "npm:some",
    hints: dict[str, Json] | None = None,
    **properties: Json,
) -> Tool:
    raw = RawTool(name, "", description, {"properties": properties}, hints or {})
    return infer(raw, server, providers, SomePacks())


def touches(found: Tool) -> set[tuple[str, str, frozenset[str], Certainty]]:
    return {(touch.provider, touch.kind, touch.actions, touch.certainty) for touch in found.touches}


def one(provider: str, kind: str, actions: set[str], certainty: Certainty) -> tuple[object, ...]:
    return (provider, kind, frozenset(actions), certainty)


TEXT: Json = {"type": "string"}


def test_the_pack_names_the_kind() -> None:
    assert touches(tool("create_issue", "", "hub")) == {one("hub", "repo.issue", {"create"}, C)}


def test_without_a_noun_the_servers_own_kind_stands_then_the_provider_then_unknown() -> None:
    assert touches(tool("delete_it", server="npm:files")) == {one("local", "file", {"delete"}, C)}
    assert touches(tool("delete_it", "", "hub", "other")) == {one("hub", "", {"delete"}, C)}
    assert touches(tool("delete_it")) == {one("unknown", "", {"delete"}, C)}


def test_a_name_that_names_something_else_only_possibly_acts_on_the_servers_own_kind() -> None:
    assert touches(tool("get-current-time", server="npm:files")) == {one("local", "file", {"read"}, P)}
    assert touches(tool("delete", server="npm:files")) == {one("local", "file", {"delete"}, C)}
    (touch,) = tool("zzz", "天気", server="npm:files").touches
    assert touch.certainty is U


def test_a_name_that_reads_and_a_description_that_deletes_disagree_upwards() -> None:
    found = tool("get_it", "Deletes the whole thing.")
    assert touches(found) == {one("unknown", "", {"read"}, C), one("unknown", "", {"delete"}, P)}


def test_a_weak_verb_that_the_description_confirms_is_certain() -> None:
    assert touches(tool("use_it", "Creates a thing")) == {one("unknown", "", {"create"}, C)}
    assert touches(tool("use_it", "")) == {one("unknown", "", {"create"}, P)}


def test_a_description_alone_is_possible() -> None:
    assert touches(tool("zzz", "Deletes things")) == {one("unknown", "", {"delete"}, P)}


def test_nothing_known_may_be_anything() -> None:
    (touch,) = tool("zzz", "天気").touches
    assert (touch.actions, touch.certainty) == (EVERYTHING, U)


def test_a_claim_of_reading_never_lowers_what_is_unknown() -> None:
    found = tool("zzz", hints={"readOnlyHint": True})
    assert touches(found) == {one("unknown", "", {"read"}, P), one("unknown", "", set(EVERYTHING), U)}
    assert found.hints.read_only is True


def test_a_claim_changes_nothing_where_the_words_speak() -> None:
    hints: dict[str, Json] = {"readOnlyHint": True, "destructiveHint": "yes"}
    found = tool("delete_it", hints=hints)
    assert touches(found) == touches(tool("delete_it"))
    assert found.hints.destructive is None


def test_an_action_parameter_is_expanded() -> None:
    action: Json = {"enum": ["list", "delete"]}
    assert touches(tool("manage_it", action=action)) == {one("unknown", "", {"list", "delete"}, C)}
    nested: Json = {"type": "object", "properties": {"operation": {"const": "update-site"}}}
    assert "write" in tool("site-services", select=nested).actions


def test_an_action_parameter_without_an_enum_is_read_from_its_description() -> None:
    action: Json = {"type": "string", "description": 'One of "create" or "delete".'}
    assert touches(tool("manage_event", action=action)) == {one("unknown", "", {"create", "delete"}, C)}


def test_a_command_reaches_the_shell() -> None:
    assert touches(tool("run_command", command=TEXT)) == {one("local", "exec", {"execute", "read"}, C)}
    beside = touches(tool("run_issue", "", "hub", command=TEXT))
    assert beside == {one("hub", "repo.issue", {"execute"}, C), one("local", "exec", {"execute", "read"}, P)}


@pytest.mark.parametrize("name", ["get_country", "explain_it", "auth_callback"])
def test_a_code_that_is_not_run_reaches_no_shell(name: str) -> None:
    assert ("local", "exec") not in {(touch.provider, touch.kind) for touch in tool(name, code=TEXT).touches}


def test_a_code_that_is_said_to_be_run_reaches_the_shell_whatever_the_name() -> None:
    code: Json = {"type": "string", "description": "Python to execute"}
    assert ("local", "exec", frozenset({"execute"}), P) in touches(tool("get_country", "", code=code))


def test_a_free_url_reads_and_sends() -> None:
    assert touches(tool("fetch", url=TEXT)) == {one("web", "http", {"read", "send"}, C)}
    beside = touches(tool("update_issue", "", "hub", url=TEXT))
    assert beside == {one("hub", "repo.issue", {"write"}, C)}, "an address that a provider only stores"
    fetches = touches(tool("fetch_issue", "", "hub", url=TEXT))
    assert one("web", "http", {"read", "send"}, C) in fetches


def test_a_url_that_is_only_mentioned_does_not_hide_what_the_tool_is_about() -> None:
    assert one("unknown", "", {"create"}, C) in touches(tool("create_event", url=TEXT))


def test_a_url_with_an_enum_is_not_free() -> None:
    assert "send" not in tool("fetch", url={"enum": ["https://a.example"]}).actions


def test_what_fetches_any_address_is_about_the_web_also_where_its_server_searches() -> None:
    assert [touch.provider for touch in tool("crawl", "", "search", url=TEXT).touches] == ["web"]


def test_a_command_that_is_only_explained_is_not_run() -> None:
    assert "execute" not in tool("cli_help", "Get help on a command.", command=TEXT).actions


def test_a_path_without_a_provider_is_a_local_file() -> None:
    assert touches(tool("read_it", path=TEXT)) == {one("local", "file", {"read"}, C)}
    assert touches(tool("read_issue", "", "hub", path=TEXT)) == {one("hub", "repo.issue", {"read"}, C)}


def test_a_file_that_is_carried_elsewhere_is_only_read_here() -> None:
    found = touches(tool("upload_report", path={"type": "string"}))
    assert one("unknown", "", {"create"}, C) in found
    assert one("local", "file", {"read"}, P) in found
    assert len(found) == 2


def test_a_source_is_a_path_where_the_schema_says_so() -> None:
    source: dict[str, Json] = {"type": "string", "description": "The source language"}
    assert touches(tool("delete_translation", source=source)) == {one("unknown", "", {"delete"}, C)}
    source["description"] = "Path of the file"
    assert one("local", "file", {"delete"}, C) in touches(tool("delete_translation", source=source))


def test_a_link_by_which_others_get_in_is_shared() -> None:
    found = tool("upload_report", "Uploads a report and returns a public URL for it.")
    assert one("unknown", "", {"share"}, P) in touches(found)
    assert "share" not in tool("get_report", "Returns a signed URL of the report.").actions


def test_a_download_with_a_place_to_save_writes_a_file() -> None:
    expected = one("local", "file", {"create", "write"}, C)
    assert expected in touches(tool("download_issue", "", "hub", save_path=TEXT))
    assert expected not in touches(tool("download_issue", "", "hub"))


def test_a_statement_may_do_all_to_a_database_unless_reading_is_said() -> None:
    assert tool("execute_query", sql=TEXT).actions == DATABASE
    assert tool("query", sql=TEXT).touches[-1].certainty is P
    assert tool("query", "Run a read-only SQL query", sql=TEXT).actions == {"read"}
    assert tool("execute_query", "Runs it. The connection is read-only.").actions == {"read"}
    assert tool("query", "Search the manual", query=TEXT).actions == {"read"}


def test_a_query_language_that_can_only_ask_changes_nothing() -> None:
    assert tool("execute_query", "Runs a PromQL query.", query=TEXT).actions == {"read"}
    assert "delete" in tool("execute_query", "Runs a SQL query.", query=TEXT).actions
    assert "delete" in tool("execute_query", "Runs SQL or PromQL.", query=TEXT).actions


def test_a_statement_is_limited_by_what_its_schema_says_of_it() -> None:
    only: Json = {"type": "string", "description": "The engine only supports SELECT statements"}
    assert tool("execute_query", sql=only).actions == {"read"}
    assert tool("execute_query", "Queries are read-only by default.", sql=TEXT).actions == DATABASE


def test_a_description_outweighs_a_verb_that_says_little() -> None:
    assert tool("API-patch-block-children", "Append block children").actions == {"create"}
    assert tool("put_user_policy", "Create or update a policy").actions == {
        *("create", "write", "share", "admin")
    }
    assert tool("unwatch_topic", "Delete a saved topic").actions == {"delete"}


def test_a_description_that_adds_a_change_adds_it_as_possible() -> None:
    found = tool("update_subtask", "Appends a note to a subtask")
    assert touches(found) == {one("unknown", "", {"write"}, C), one("unknown", "", {"create"}, P)}
    assert tool("archive_card", "Send a card to the archive").actions == {"write"}
    assert "send" in tool("delete_event", "Deletes it. This sends a cancellation to all.").actions


def test_a_choice_of_methods_is_one_of_actions_only_where_any_request_is_made() -> None:
    method: Json = {"enum": ["GET", "POST", "DELETE"]}
    assert tool("update_member", method=method).actions == {"write"}
    assert tool("api_request", method=method).actions >= {"read", "create", "delete"}


def test_a_method_that_nobody_limits_is_any_method_and_its_path_is_no_file() -> None:
    found = tool("api_request", "Makes a request.", method=TEXT, path=TEXT)
    assert {"read", "create", "write", "delete"} <= found.actions
    assert all(touch.kind != "file" for touch in found.touches)
    assert "delete" not in tool("api_request", method={"enum": ["GET"]}, path=TEXT).actions
    assert tool("update_member", method=TEXT, path=TEXT).actions == {"write"}


def test_the_manner_of_a_change_is_no_choice_of_actions() -> None:
    mode: Json = {"enum": ["append", "replace", "read"]}
    assert tool("update_note", mode=mode).actions == {"write"}
    assert tool("note_versions", mode={"enum": ["list", "delete"]}).actions == {"list", "delete"}


def test_choices_may_be_listed_without_quotes() -> None:
    operation: Json = {"type": "string", "description": "What to do (generate, describe, or delete)"}
    assert tool("manage_stack", operation=operation).actions >= {"create", "read", "delete"}


def test_who_is_told_of_a_change_is_sent_a_message() -> None:
    assert tool("update_event", attendees={"type": "array"}).actions == {"write", "send"}
    assert tool("add_note", to=TEXT, body=TEXT).actions == {"create", "send"}
    assert tool("create_draft", to=TEXT, body=TEXT).actions == {"create"}
    assert tool("list_events", attendees={"type": "array"}).actions == {"list"}


def test_what_may_be_made_public_may_be_shared() -> None:
    assert "share" in tool("update_project", visibility={"enum": ["private", "public"]}).actions
    assert "share" not in tool("update_comment", visibility=TEXT).actions


def test_a_name_that_only_runs_says_less_than_the_description() -> None:
    assert tool("run", "Sends a mail.").actions == {"create", "send"}


def test_a_name_that_searches_performs_a_query_and_hands_over_no_statement() -> None:
    assert tool("search", "Perform a web query", query=TEXT).actions == {"read"}
    assert tool("query_database", "Execute a query", sql=TEXT).actions == set(DATABASE)


def test_the_slug_of_a_url_is_no_address() -> None:
    found = tool("get_contest", slug={"type": "string", "description": "The URL slug of the contest"})
    assert found.actions == {"read"}


def test_a_tool_of_an_unknown_server_may_name_its_provider() -> None:
    assert [touch.provider for touch in tool("hub_delete_it").touches] == ["hub"]
    assert [touch.provider for touch in tool("delete_it", "Deletes it from hub.dev.").touches] == ["hub"]
    # What is as often a thing is no name: so is what does not stand first.
    assert [touch.provider for touch in tool("linear_delete_it").touches] == ["unknown"]
    assert [touch.provider for touch in tool("delete_hub").touches] == ["unknown"]


def test_of_a_server_of_many_systems_only_what_names_one_is_its() -> None:
    many = ("hub", "linear", "other")
    assert [touch.provider for touch in tool("delete_linear_it", "", *many).touches] == ["linear"]
    assert [touch.provider for touch in tool("delete_issue", "", *many).touches] == ["unknown"]
    assert [touch.provider for touch in tool("delete_issue", "", *many[:2]).touches] == ["hub"]


def test_tools_of_an_unknown_server_may_speak_of_what_is_public_or_here() -> None:
    assert [touch.provider for touch in tool("get_weather").touches] == ["search"]
    assert [touch.provider for touch in tool("delete_news").touches] == ["unknown"]
    assert [touch.provider for touch in tool("set_clipboard").touches] == ["local"]
    assert [touch.provider for touch in tool("get_coding_guidelines").touches] == ["none"]


def test_a_server_may_be_named_after_this_machine_and_a_tool_may_search_the_web() -> None:
    assert tool("launch_app", server="npm:ios-simulator").touches[0].provider == "local"
    assert tool("discover", "Search the web and rank results.").touches[0].provider == "search"


@pytest.mark.parametrize(
    ("name", "text", "server", "provider"),
    [
        ("search_acme_docs", "Search the official Acme documentation.", "npm:some", "search"),
        # Documents of one's own, and what only mentions documentation.
        ("search_docs", "Search your docs.", "npm:some", "unknown"),
        ("search_orders", "Search orders; see the official docs.", "npm:some", "unknown"),
        ("delete_docs", "Delete the official docs.", "npm:some", "unknown"),
        # What is computed from what is given.
        ("get_solar_times", "", "npm:bazi-mcp", "none"),
        ("get_zodiac", "", "npm:some", "none"),
        ("create_chart", "", "npm:astrology", "unknown"),
        ("get_zodiac", "", "npm:files", "local"),
    ],
)
def test_official_documentation_is_public_and_a_computation_touches_nothing(
    name: str, text: str, server: str, provider: str
) -> None:
    assert [touch.provider for touch in tool(name, text, server=server).touches] == [provider]


def test_a_name_that_crawls_the_web_takes_an_address() -> None:
    assert touches(tool("web_crawling")) == {one("web", "http", {"read", "send"}, P)}
    assert "send" not in tool("search_web").actions


def test_what_is_made_and_run_is_executed() -> None:
    text = "List or delete triggers. Both actions put a file there and run it via the API."
    assert "execute" in tool("manage_it", text).actions
    assert "execute" not in tool("manage_it", "List or delete triggers. Run it daily.").actions
    # A sure reading is not outweighed by how it comes about.
    assert tool("get_it", "Gets the query, so that you may run it via the API.").actions == {"read"}


def test_parameters_add_to_a_change() -> None:
    assert "create" in tool("update_many", upsert={"type": "boolean"}).actions
    assert "delete" in tool("rename_it", dropTarget={"type": "boolean"}).actions
    assert "share" in tool("update_project", access_level=TEXT).actions
    assert tool("get_project", access_level=TEXT).actions == {"read"}


def test_asking_about_an_operation_is_not_doing_it() -> None:
    operation: Json = {"enum": ["read", "delete"]}
    assert tool("check_permissions", "Check whether a user can do it", operation=operation).actions == {
        "read"
    }


def test_a_command_beside_its_arguments_is_one_of_the_tools_own() -> None:
    routed = tool("storage", "Commands for managing storage", "hub", command=TEXT, parameters={}, learn={})
    assert "execute" not in routed.actions
    assert routed.actions == {"read", "create", "write", "delete"}


def test_an_address_that_is_kept_is_one_more_field() -> None:
    assert "send" not in tool("create_product", home_url=TEXT, url=TEXT).actions
    assert "send" not in tool("get_issue", "", "hub", url=TEXT).actions, "it is the hub's own"
    assert "send" in tool("download_video", video_page_url=TEXT).actions
    assert "send" in tool("start_scan", url=TEXT).actions


def test_an_address_that_is_added_to_a_thing_is_one_more_field_unless_it_is_the_tools_url() -> None:
    link: dict[str, Json] = {"type": "string", "description": "URL of the document"}
    assert "send" not in tool("add_external_link", external_link=link).actions
    assert "send" in tool("add_feed", url={"type": "string"}).actions


def test_a_host_is_called_where_it_is_said_to_be_connected_to() -> None:
    ssh = touches(tool("read_file", "Reads a remote file over SSH.", host=TEXT, remote_path=TEXT))
    assert one("web", "http", {"send"}, P) in ssh
    assert not any(provider == "local" for provider, *_ in ssh)
    assert "send" not in tool("list_items", "Lists the items of a host.", host=TEXT).actions


def test_a_script_that_is_named_is_run_here() -> None:
    found = touches(tool("run_script_file", script_path=TEXT))
    assert found == {one("local", "exec", {"execute"}, C), one("local", "exec", {"read"}, P)}


def test_a_method_that_the_description_speaks_of_is_any_method() -> None:
    told = "Executes a request of the interface.\n\nmethod: The HTTP method (default: 'GET')"
    assert tool("tooling_execute", told, action=TEXT, method=TEXT).actions >= {"create", "write", "delete"}


def test_english_words_in_a_text_of_another_script_command_nothing() -> None:
    found = tool("refresh_graph", "强制刷新动态图谱统计信息和样本（stats/index），数据导入后建议调用")
    assert found.actions == {"write"}


def test_a_post_of_an_interface_is_no_message() -> None:
    assert tool("API-post-page").actions == {"create"}
    assert tool("post_page").actions == {"create", "send"}


def test_what_is_called_back_later_sends() -> None:
    assert one("web", "http", {"send"}, P) in touches(tool("create_monitor", "", "hub", webhook={}))


def test_a_name_alone_may_say_that_it_takes_an_address() -> None:
    assert "send" in tool("scrape_url").actions
    assert "send" not in tool("get_url").actions


def test_a_file_in_a_named_folder_is_new_and_a_named_file_may_be_there() -> None:
    assert one("local", "file", {"create"}, C) in touches(tool("render", output_dir=TEXT))
    assert one("local", "file", {"create", "write"}, C) in touches(tool("render", output_path=TEXT))


def test_a_description_in_another_script_is_not_read_and_the_evidence_says_so() -> None:
    (touch,) = tool("delete_it", "すべてを削除します").touches
    assert touch.actions == {"delete"}
    assert "its description is not in English and was not read" in touch.evidence
    (nothing,) = tool("zzz", "天気を取得します").touches
    assert nothing.evidence[0].endswith("its description is not in English and was not read")
    (english,) = tool("delete_it", "Löscht alles").touches
    assert english.evidence == ("its name starts with the verb `delete`",)


def test_the_schema_speaks_last() -> None:
    assert touches(tool("zzz", content=TEXT)) == {one("unknown", "", {"write"}, P)}
    assert touches(tool("zzz", limit={"type": "integer"})) == {one("unknown", "", {"list", "read"}, P)}


def test_evidence_quotes_the_lexicon_and_never_the_server() -> None:
    hostile = "`; rm -rf` <b>"
    properties: dict[str, Json] = {"command": TEXT, hostile: TEXT}
    raw = RawTool(f"create_{hostile}", hostile, f"{hostile} deletes {hostile}", {"properties": properties})
    found = infer(raw, "npm:some", (), SomePacks())
    lines = [line for touch in found.touches for line in touch.evidence]
    assert "its name starts with the verb `create`" in lines
    assert not any("rf" in line or "<b>" in line for line in lines)


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: {"tools": x}, lambda x: {"result": {"tools": x}}])
def test_lists_are_read_in_every_wrapping(wrap: Callable[[list[Json]], Json]) -> None:
    listed = parse_tools_list(wrap([{"name": "a", "description": "b", "inputSchema": {"properties": {}}}]))
    assert listed == (RawTool("a", "", "b", {"properties": {}}, {}),)


@pytest.mark.parametrize("document", [None, 3, "x", {}, {"tools": {}}, {"result": []}, {"result": None}])
def test_what_is_no_list_is_none(document: Json) -> None:
    listed = parse_tools_list(document)
    assert listed is None or listed == ()


def test_bad_items_are_skipped_and_counted_and_bad_fields_are_dropped() -> None:
    listing = read_listing(
        [{"name": "a", "title": 3, "description": [], "annotations": 1}, {}, None, {"name": ""}]
    )
    assert listing is not None
    assert (listing.tools, listing.skipped) == ((RawTool("a"),), 3)
