"""The tables made from what providers publish: known rows, the notation, what they cost."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.knowledge.tables.aws import LEVELS, level_of, spelled
from mcpaudit.knowledge.tables.google import known_interface, methods, opened_by, scopes_of
from mcpaudit.knowledge.tables.graph import permission
from mcpaudit.knowledge.tables.packed import lines, pack, unpack
from tools import table_aws, table_google, table_graph, table_text

TABLES = ("aws.txt", "google.txt", "graph.txt")


class TestAws:
    @pytest.mark.parametrize(
        ("action", "level"),
        [
            ("s3:DeleteObject", "Write"),
            ("s3:ListBucket", "List"),
            ("s3:GetObject", "Read"),
            ("s3:PutBucketPolicy", "Permissions management"),
            ("iam:DetachUserPolicy", "Permissions management"),
            ("ec2:CreateTags", "Tagging"),
            ("lambda:InvokeFunction", "Write"),
            ("IAM:detachuserpolicy", "Permissions management"),
            ("s3:DeleteObjekt", ""),
            ("s4:DeleteObject", ""),
            ("DeleteObject", ""),
            ("s3:*", ""),
            ("", ""),
        ],
    )
    def test_levels(self, action: str, level: str) -> None:
        assert level_of(action) == level

    def test_actions_are_spelled_as_aws_does(self) -> None:
        assert spelled("iam:listmfadevices") == "iam:ListMFADevices"
        assert spelled("dynamo:listtables") == ""

    def test_there_are_as_many_as_the_header_says(self) -> None:
        count = sum(len(list(unpack(lines("aws.txt")[service]))) for service in lines("aws.txt"))
        assert table_text.header("aws.txt")["what"].startswith(f"{count} actions of {len(lines('aws.txt'))} ")


class TestGoogle:
    def test_scopes_of_a_method(self) -> None:
        assert scopes_of("calendar.events.insert") == (
            "calendar",
            "calendar.app.created",
            "calendar.events",
            "calendar.events.owned",
        )
        assert scopes_of("calendar.events.explode") is None
        assert scopes_of("calender.events.insert") is None

    def test_methods_of_a_scope(self) -> None:
        opened = opened_by("https://www.googleapis.com/auth/youtube.readonly")
        assert sorted(opened) == ["youtube", "youtubeAnalytics"]
        assert "youtube.videos.list" in {method.id for method in opened["youtube"]}
        assert opened_by("youtube.readonly") == opened
        assert opened_by("youtube.readable") == {}

    @pytest.mark.parametrize(
        ("method", "verb", "actions"),
        [
            ("gmail.users.messages.send", "POST", {"send"}),
            ("gmail.users.messages.delete", "DELETE", {"delete"}),
            ("gmail.users.messages.get", "GET", {"read"}),
            ("drive.files.copy", "POST", {"create"}),
            ("calendar.freebusy.query", "POST", {"read"}),
            ("calendar.events.watch", "POST", {"read"}),  # a read-only scope opens it
            ("calendar.events.patch", "PATCH", {"write"}),
            ("gmail.users.messages.modify", "POST", {"create", "write"}),
        ],
    )
    def test_what_methods_do(self, method: str, verb: str, actions: set[str]) -> None:
        found = methods(method.partition(".")[0])[method]
        assert (found.verb, found.actions) == (verb, frozenset(actions))

    def test_there_are_as_many_as_the_header_says(self) -> None:
        names = [name for name in lines("google.txt") if known_interface(name)]
        count = sum(len(methods(name)) for name in names)
        header = table_text.header("google.txt")
        assert header["what"].startswith(f"{count} methods of {len(names)} interfaces")


class TestGraph:
    def test_levels_are_microsofts(self) -> None:
        found = permission("https://graph.microsoft.com/Mail.Send")
        assert found is not None
        assert (found.name, found.resource, found.actions) == ("Mail.Send", "Mail", frozenset({"send"}))
        assert found.levels["DelegatedWork"] == 2
        assert found.level == max(found.levels.values()) > 2

    @pytest.mark.parametrize(
        ("name", "actions"),
        [
            ("Calendars.ReadBasic", {"list"}),
            ("Calendars.ReadWrite.Shared", {"read", "create", "write", "delete"}),
            ("Sites.FullControl.All", {"read", "create", "write", "delete", "share", "admin"}),
            ("Notes.Create", {"create"}),
            ("Calls.AccessMedia.All", None),
        ],
    )
    def test_what_names_say(self, name: str, actions: set[str] | None) -> None:
        found = permission(name)
        assert found is not None
        assert found.actions == (None if actions is None else frozenset(actions))

    def test_what_microsoft_does_not_list_is_not_known(self) -> None:
        assert permission("Calendars.Explode") is None
        assert permission(".default") is None

    def test_there_are_as_many_as_the_header_says(self) -> None:
        rows = list(unpack(lines("graph.txt")["permissions"]))
        assert table_text.header("graph.txt")["what"].startswith(f"{len(rows)} permissions")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="{}; \n\t", exclude_categories=("Cc", "Cs")), min_size=1
)
VALUES = st.text(st.characters(codec="ascii", exclude_characters="{};-", exclude_categories=("Cc",)))


class TestNotation:
    @given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(tuple), VALUES))
    def test_what_is_packed_comes_out_again(self, rows: Mapping[tuple[str, ...], str]) -> None:
        assert dict(unpack(pack(rows))) == rows

    def test_the_order_of_rows_does_not_matter(self) -> None:
        rows = {("b",): "2", ("a", "c"): "", ("a",): "1"}
        assert pack(rows) == pack(dict(reversed(rows.items()))) == "a 1{c};b 2"

    @pytest.mark.parametrize("name", ["a b", "a{", "a}", "a;b", "a\nb"])
    def test_a_name_that_cannot_be_packed_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="cannot be packed"):
            pack({(name,): ""})


class TestMaking:
    @pytest.mark.parametrize("name", TABLES)
    def test_each_says_where_it_is_from(self, name: str) -> None:
        header = table_text.header(name)
        assert list(header) == ["what", "source", "url", "date", "licence", "made-by"]
        assert all(header.values())

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(table_text, "FOLDER", tmp_path)
        return tmp_path

    def test_aws(self, folder: Path) -> None:
        actions = {name: {"access_level": level} for name, level in (("GetA", "Read"), ("GetB", "Read"))}
        other = {"PutA": {"access_level": "Write"}, "Zap": {"access_level": "Tagging"}}
        source = {"policy_sentry_schema_version": "v2", "x": {"privileges": {**actions, **other}}}
        (folder / "in.json").write_text(json.dumps(source))
        table_aws.main(folder / "in.json", "1", "2026-01-02")
        *header, row = (folder / "aws.txt").read_text().splitlines()
        assert header[0] == "# what: 4 actions of 1 services, with their access levels"
        assert row == "x\tR{Get{A;B}};T{Zap};W{PutA}"
        rows = {"".join(path[1:]): LEVELS[path[0]] for path, _ in unpack(row.partition("\t")[2])}
        assert rows == {"GetA": "Read", "GetB": "Read", "PutA": "Write", "Zap": "Tagging"}

    def test_google_believes_the_newest_version_that_is_no_beta(self, folder: Path) -> None:
        for version, verb, revision in (
            ("v1", "GET", "20260101"),
            ("v2", "POST", "20260203"),
            ("v3beta", "PUT", "20260104"),
        ):
            method = {"id": "x.a.b", "httpMethod": verb, "scopes": ["https://www.googleapis.com/auth/x"]}
            document = {"name": "x", "version": version, "revision": revision}
            resources = {"a": {"methods": {"b": method}}}
            text = json.dumps({**document, "resources": resources})
            (folder / f"x.{version}.json").write_text(text)
        table_google.main(folder, "9")
        *header, row = (folder / "google.txt").read_text().splitlines()
        assert header[3] == "# date: 2026-02-03"
        assert row == "x\tx\t0\ta P:b"

    def test_graph(self, folder: Path) -> None:
        schemes = {"DelegatedWork": {"privilegeLevel": 2}, "Application": {}}
        source = {"permissions": {"A.Read.All": {"schemes": schemes}}}
        (folder / "in.json").write_text(json.dumps(source))
        table_graph.main(folder / "in.json", "0123456789", "2026-01-02")
        assert (folder / "graph.txt").read_text().splitlines()[-1] == "permissions\tA{Read{All a0 d2}}"


class TestCost:
    def test_they_are_small(self) -> None:
        assert sum((table_text.FOLDER / name).stat().st_size for name in TABLES) < 700_000

    def test_nothing_is_read_before_it_is_asked_for(self) -> None:
        """An audit of servers of other providers reads no table."""
        code = (
            "import sys, mcpaudit.audit, mcpaudit.knowledge.capability, mcpaudit.knowledge.scopes\n"
            "from mcpaudit.knowledge.capability import RawTool, infer\n"
            "from mcpaudit.knowledge.pack import Packs\n"
            "infer(RawTool('create_issue'), 'npm:x', ['github'], Packs.shipped())\n"
            "print([name for name in sys.modules if '.tables.' in name])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"

    def test_a_lookup_unpacks_one_service_only(self) -> None:
        from mcpaudit.knowledge.tables import aws

        aws._actions.cache_clear()
        level_of("s3:GetObject")
        assert aws._actions.cache_info().currsize == 1
