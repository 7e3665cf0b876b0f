"""Go servers for the tests; all sources are our own."""

from pathlib import Path
from textwrap import dedent

from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.go.source import extract

MARK = '"github.com/mark3labs/mcp-go/mcp"\n"github.com/mark3labs/mcp-go/server"\n'
OFFICIAL = '"github.com/modelcontextprotocol/go-sdk/mcp"\n'
ADD = 's := server.NewMCPServer("x", "1")\n'


def program(body: str, imports: str = MARK, top: str = "") -> str:
    """A main package: what its main function does, and what stands beside it."""
    return f"package main\nimport (\n{imports})\n{dedent(top)}\nfunc main() {{\n{dedent(body)}\n}}\n"


def read(root: Path, **files: str) -> Extraction:
    """Read files, `tools__a_go` is tools/a.go; the module is example.com/x."""
    (root / "go.mod").write_text("module example.com/x\n\ngo 1.24\n", encoding="utf-8")
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_go", ".go")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = extract(root)
    assert found is not None
    return found


def names(found: Extraction) -> list[str]:
    return [one.tool.name for one in found.tools]


def only(found: Extraction) -> FoundTool:
    assert len(found.tools) == 1, names(found)
    return found.tools[0]
