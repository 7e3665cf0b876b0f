"""What names, descriptions and choices say that a tool does."""

import pytest

from mcpaudit.knowledge.lexicon import DATABASE, lexicon, verb_of
from mcpaudit.knowledge.prose import from_description, phrases_in
from mcpaudit.knowledge.verb import from_choices, from_name
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.certainty import Certainty


def of_name(name: str, server: str = "") -> frozenset[str]:
    reading = from_name(words(name), frozenset(words(server)))
    return reading.actions if reading else frozenset()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("get_issue", {"read"}),
        ("rephrase_text", {"read"}),
        ("list_runs", {"list"}),
        ("get_post", {"read"}),
        ("get_commit_and_status", {"read"}),
        ("create_issue", {"create"}),
        ("post_message", {"create", "send"}),
        ("comment_create", {"create"}),
        ("label_write", {"write"}),
        ("issue_read", {"read"}),
        ("pull_request_read", {"read"}),
        ("pods_delete", {"delete"}),
        ("jira_get_issue_dates", {"read"}),
        ("TwilioApiV2010--FetchAccount", {"read"}),
        ("API-patch-block-children", {"write"}),
        ("netlify-deploy-services-updater", {"write"}),
        ("netlify-deploy-services-reader", {"read"}),
        ("create_or_update_file", {"create", "write"}),
        ("find_and_replace_doc", {"read", "write"}),
        ("move_delete_item", {"write", "delete"}),
        ("unpublish_page", {"write", "share"}),
        ("unstar_repository", {"write"}),
        ("deactivate_user", {"write", "share", "admin"}),
        ("deactivate_rule", {"write"}),
        ("resend_invoice", {"create", "send"}),
        ("rerun_workflow", {"execute"}),
        ("hover", {"write"}),
        ("resize_page", {"write"}),
        ("resolve_library_id", {"read"}),
        ("resolve_review_thread", {"write"}),
        ("execute_sql", set(DATABASE)),
        ("run_pipeline", {"execute"}),
        ("write_file", {"create", "write"}),
        ("set_file_permissions", {"write", "share"}),
        ("add_role", {"create", "share", "admin"}),
        ("delete_branch", {"delete"}),
        ("TwilioApiV2010--UpdateKey", {"write"}),
        ("restart_service", {"write"}),
        ("start_workflow", {"execute"}),
        ("run_search", {"read"}),
        ("run_promql_query", {"read"}),
        ("write-cypher", set(DATABASE)),
        ("deploy_function", {"create", "execute"}),
        ("forward_mail", {"create", "send"}),
        ("port_forward", {"execute"}),
        ("make_outbound_call", {"send"}),
        ("reply_to_comment", {"create"}),
        ("go_forward", {"write"}),
        ("select_option", {"write"}),
        ("get_table_names", {"list"}),
        ("create_user", {"create", "share", "admin"}),
        ("add_user_to_list", {"create"}),
        ("detach_group_policy", {"write", "share", "admin"}),
        ("create_backup_policy", {"create"}),
        ("add_team_member", {"create", "share"}),
        ("delete_signing_key", {"delete", "share", "admin"}),
        ("acme_update_deal", {"write"}),
        ("mark_thread_read", {"write"}),
        ("is_feed_done", {"list", "read"}),
        ("text_to_speech", {"read"}),
        ("web_crawling", {"read"}),
        ("order_history", {"list", "read"}),
        ("outlier_detection", {"read"}),
        ("run_rollback_pipeline", {"execute"}),
        ("double_tap_on_screen", {"write"}),
        ("create_build", {"create", "execute"}),
        ("create_message", {"create", "send"}),
        ("create_message_template", {"create"}),
        ("publish_message", {"create", "send"}),
        ("publish_site", {"write", "share"}),
        ("publish_entry", {"write"}),
        ("update_authentication_settings", {"write", "share", "admin"}),
        ("unassign_user", {"write"}),
        ("rebuild_database", {"write"}),
        ("save_settings", {"write"}),
        ("get_signed_url", {"share"}),
        ("get_signed_document", {"read"}),
        ("deploy_folder_or_zip", {"create", "execute"}),
        ("invite_member", {"share", "send"}),
        ("terminate_instances", {"write", "delete"}),
        ("terminate_app", {"write"}),
        ("send_message_to_user", {"create", "send"}),
        ("run_role", {"execute"}),
        ("create_ssh_key", {"create", "share", "admin"}),
        ("generate_pie_chart", {"read"}),
        ("generate_shared_link", {"create", "share"}),
        ("volume_snapshot", {"create"}),
        ("accept_invitation", {"write", "send"}),
        ("open_url", {"send"}),
        ("open_app", {"execute"}),
        ("protect_worksheet", {"write"}),
        ("run_soql_query", {"read"}),
        ("write_query", {"create", "write", "delete", "execute"}),
        ("swap_tokens", {"write"}),
        ("kick_off_job", {"execute"}),
        ("ＤＥＬＥＴＥ_branch", {"delete"}),
    ],
)
def test_the_verb_of_a_name_decides(name: str, expected: set[str]) -> None:
    assert of_name(name) == expected


@pytest.mark.parametrize("name", ["zzz", "annotated_message", "sequential", "npmVersion42x", "", "查询"])
def test_a_name_without_a_verb_says_nothing(name: str) -> None:
    assert of_name(name) == frozenset()


def test_words_of_the_server_are_no_verbs_position() -> None:
    reading = from_name(words("acme_post_message"), frozenset({"acme"}))
    assert reading is not None
    assert reading.verb == "post"
    assert reading.evidence == ("its name starts with the verb `post`",)


def test_a_weak_verb_is_only_possible() -> None:
    sure, weak = from_name(("delete", "it")), from_name(("process", "it"))
    assert sure is not None
    assert weak is not None
    assert (sure.certainty, weak.certainty) == (Certainty.CERTAIN, Certainty.POSSIBLE)


def test_a_last_noun_of_looking_is_weak_evidence() -> None:
    reading = from_name(("nodes", "stats"))
    assert reading is not None
    assert (reading.actions, reading.certainty) == (frozenset({"list", "read"}), Certainty.POSSIBLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deletes a file.", {"delete"}),
        ("This tool allows you to create a branch", {"create"}),
        ("[BETA] **Returns** the weather", {"read"}),
        ("Fetches the page and deletes it", {"read", "delete"}),
        ("Create, update or remove a label", {"create", "write", "delete"}),
        ("Get created and updated dates", {"read"}),
    ],
)
def test_the_first_verbs_of_a_description_are_read(text: str, expected: set[str]) -> None:
    reading = from_description(text)
    assert reading is not None
    assert reading.actions == expected


@pytest.mark.parametrize(
    "text", ["", "天気を取得します", "!!!", "A set of wonderful things", "Things shared with you"]
)
def test_a_description_without_an_english_verb_says_nothing(text: str) -> None:
    assert from_description(text) is None


def test_choices_give_all_their_verbs() -> None:
    reading = from_choices(["list", "create_item", "delete"])
    assert reading is not None
    assert reading.actions == {"list", "create", "delete"}
    assert reading.evidence == ("it offers a choice of `list`, `create`, `delete`",)


def test_methods_of_http_and_things_to_look_at_are_choices_too() -> None:
    methods = from_choices(["GET", "delete"])
    assert methods is not None
    assert methods.actions == {"read", "delete"}
    assert methods.evidence == ("it offers a choice of the methods `DELETE`, `GET`",)
    looking = from_choices(["history", "pause", "status"])
    assert looking is not None
    assert looking.actions == {"list", "read", "write"}
    assert from_choices(["history", "status"]) is None


def test_undoing_is_possible_writing_until_something_says_more() -> None:
    reading = from_name(words("unwatch_topic"))
    assert reading is not None
    assert (reading.actions, reading.certainty) == (frozenset({"write"}), Certainty.POSSIBLE)


def test_a_filter_is_no_choice_of_actions() -> None:
    assert from_choices(["assigned", "mentioned", "build_failed", "marked"]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Runs a read-only query", {"read"}),
        ("This cannot be undone.", {"write"}),
        ("The branch is permanently deleted", {"delete"}),
        ("Saves the result to a local file", {"create"}),
        ("Nothing of note", set()),
    ],
)
def test_phrases_tell(text: str, expected: set[str]) -> None:
    assert frozenset().union(*(phrase.actions for phrase in phrases_in(text))) == expected


def test_the_lexicon_is_consistent() -> None:
    lex = lexicon()
    assert len(lex.verbs) >= 300
    assert all(actions and actions <= set(ACTIONS) for actions in lex.verbs.values())
    for name in ("unsure", "nouns", "light", "general", "postal", "umbrella"):
        assert {word for word in lex.sets[name] if not verb_of(word)} == set(), name
    assert set(lex.agents.values()) <= set(lex.verbs)
