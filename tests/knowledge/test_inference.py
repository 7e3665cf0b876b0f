"""Working tools out together gives what working each out by itself gives."""

from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.inference import Inference
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.manifest import Evidence, Spot

NAMES = (
    "list_files",
    "acme_get",
    "files_search",
    "s3_delete_bucket",
    "send_message",
    "slack_post",
    "run",
    "x",
)
SERVERS = (
    "npm:acme-files-1",
    "npm:acme-files-2",
    "oci:acme/slack",
    "npm:@modelcontextprotocol/server-filesystem",
    "pypi:aws-s3-server",
    "npm:google-drive",
    "url:https://api.example.com/mcp",
)
PROVIDERS = (
    (),
    ("local",),
    ("slack",),
    ("aws",),
    ("google",),
    ("github", "slack"),
    ("github", "slack", "jira"),
)
SCHEMAS: tuple[dict[str, object], ...] = (
    {},
    {"properties": {"path": {"type": "string"}}},
    {"properties": {"action": {"enum": ["list", "delete"]}}},
    {"properties": {"action": {"enum": ["list", "read"]}}},
)
CODE = ((), (Evidence("sdk", "it calls `boto3.client`", Spot("a.py", 1)),))
tools = st.builds(
    RawTool,
    name=st.sampled_from(NAMES),
    title=st.sampled_from(("", "Delete a file")),
    description=st.sampled_from(("", "Deletes a file.", "Lists buckets by s3:ListBuckets, read-only.")),
    input_schema=st.sampled_from(SCHEMAS),
    annotations=st.sampled_from(({}, {"readOnlyHint": True}, {"readOnlyHint": 1})),
    code=st.sampled_from(CODE),
)
lists = st.lists(
    st.tuples(st.lists(tools, max_size=4), st.sampled_from(SERVERS), st.sampled_from(PROVIDERS)), max_size=8
)


@given(lists)
def test_what_is_remembered_is_what_would_be_worked_out(
    listed: list[tuple[list[RawTool], str, tuple[str, ...]]],
) -> None:
    packs = Packs.shipped()
    inference = Inference(packs)
    for raws, server, providers in listed:
        expected = tuple(infer(raw, server, providers, packs) for raw in raws)
        assert inference.tools(raws, server, providers) == expected


def test_the_same_words_of_servers_that_are_alike_are_one_tool() -> None:
    inference = Inference(Packs.shipped())
    raw = RawTool("list_issues", description="Lists issues.")
    (first,) = inference.tools((raw,), "npm:acme-one", ("github",))
    (second,) = inference.tools((raw,), "npm:acme-two", ("github",))
    assert first is second
