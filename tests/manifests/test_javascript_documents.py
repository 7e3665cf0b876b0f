"""Tools that servers make from documents of their package."""

import json
from pathlib import Path

import pytest

from tests.manifests.javascript_source import LIST, names, read

OPENAPI = """
import fs from "fs"; import path from "path";
const dir = path.join(__dirname, "specs");
function read(only) {
  return fs.readdirSync(dir, {withFileTypes: true}).map((entry) => {
    if (entry.isDirectory() || !entry.name.endsWith(ENDING)) return null;
    const service = path.basename(entry.name, path.extname(entry.name));
    if (only.length > 0 && !only.includes(service)) return null;
    const name = service.split("_").map((w) => w.charAt(0).toUpperCase() + w.slice(1)).join("");
    return {name, document: PARSED};
  }).filter(Boolean);
}
class Base {
  constructor(config) { this.tools = new Map(); this.config = config; }
  async load() { const { tools } = collect(read(this.config.only ?? [])); this.tools = tools; }
  listen() { s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [...this.tools.values()]})); }
}
function collect(specs) {
  const tools = new Map();
  specs.forEach((spec) => Object.entries(spec.document.paths).forEach(([at, items]) => {
    for (const [method, operation] of Object.entries(items)) {
      const name = `${spec.name}--${operation.operationId}`;
      tools.set(name, {name, description: operation.summary});
    }
  }));
  return { tools };
}
class Mine extends Base { constructor(config) { super({only: config.only}); } }
new Mine({only: ["my_api"]}).listen();
"""
DOCUMENT = {"paths": {"/a": {"get": {"operationId": "GetA", "summary": "A"}, "put": {"operationId": "PutA"}}}}


@pytest.mark.parametrize(
    ("ending", "parsed"),
    [
        (".json", 'JSON.parse(fs.readFileSync(path.join(dir, entry.name), "utf8"))'),
        (".yaml", "await SwaggerParser.bundle(path.join(dir, entry.name))"),
    ],
)
def test_tools_of_an_openapi_document_are_named_by_the_servers_own_code(
    tmp_path: Path, ending: str, parsed: str
) -> None:
    (tmp_path / "specs").mkdir()
    for name in ("my_api", "other_api"):
        (tmp_path / f"specs/{name}{ending}").write_text(json.dumps(DOCUMENT))  # JSON is YAML too
    code = OPENAPI.replace("ENDING", f'"{ending}"').replace("PARSED", parsed)
    found = read(tmp_path, index_js=LIST + code)
    assert names(found) == ["MyApi--GetA", "MyApi--PutA"]
    assert found.tools[0].tool.description == "A"


def test_documents_outside_the_package_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"tools": [{"name": "a"}]}')
    root = tmp_path / "package"
    root.mkdir()
    (root / "x.json").symlink_to(tmp_path / "secret.json")
    for where in ('path.join(__dirname, "../secret.json")', 'path.join(__dirname, "x.json")'):
        code = f"const t = JSON.parse(fs.readFileSync({where})).tools;"
        code += "s.setRequestHandler(ListToolsRequestSchema, () => ({tools: t}));"
        found = read(root, index_js=LIST + 'import fs from "fs"; import path from "path";' + code)
        assert names(found) == []
        assert not found.complete
