"""Tools read from Python source: servers for each way of declaring them, near misses, hostile trees."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.python import source, tree
from mcpaudit.manifests.python.source import extract

FAST = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('acme')\n"
LOOPS = """
for one in ["x", "y"]:
    for two in ["p", "q"]:
        key = f"{one}_{two}"
        T[key] = a
    if one not in ["y"]:
        key = f"{one}_{one}"
        T[key] = a
for n, f in T.items():
    mcp.add_tool(f, name=n)
"""
LOW = (
    "from mcp.server import Server\nfrom mcp import types\nfrom mcp.types import Tool\nserver = Server('')\n"
)


def read(root: Path, files: dict[str, str] | str) -> Extraction:
    found = extract(write(root, files))
    assert found is not None
    return found


def write(root: Path, files: dict[str, str] | str) -> Path:
    for name, text in ({"server.py": files} if isinstance(files, str) else files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return root


def names(found: Extraction) -> list[str]:
    return [one.tool.name for one in found.tools]


def tool(found: Extraction, name: str) -> FoundTool:
    return next(one for one in found.tools if one.tool.name == name)


# -- ways of declaring tools -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("@mcp.tool\ndef get_a(): ...", ["get_a"]),
        ("@mcp.tool()\nasync def get_a(): ...", ["get_a"]),
        ("@mcp.tool('get_b')\ndef a(): ...", ["get_b"]),
        ("N = 'get_' + 'c'\n@mcp.tool(name=N)\ndef a(): ...", ["get_c"]),
        ("P = 'acme'\n@mcp.tool(name=f'{P}_get')\ndef a(): ...", ["acme_get"]),
        ("def a(): ...\nmcp.tool()(a)\nmcp.tool(name='b')(a)", ["a", "b"]),
        ("T = {}\ndef a(): ...\nT['b'] = a\nfor n, f in T.items():\n    mcp.add_tool(f, name=n)", ["b"]),
        ("T = {}\ndef a(): ...\n" + LOOPS, ["x_p", "x_q", "x_x", "y_p", "y_q"]),
        (
            "T = {}\ndef a(): ...\ndef fill(n, f):\n    T[n] = f\nfill('b', a)\nfill('c', a)\n"
            "for n, f in T.items():\n    mcp.add_tool(f, name=n)",
            ["b", "c"],
        ),
        (
            "T = []\ndef listed(f):\n    T.append(f)\n    return f\n"
            "@listed\ndef a(): ...\n@listed\ndef b(): ...\nfor f in T:\n    mcp.add_tool(f)",
            ["a", "b"],
        ),
        (
            "T = {}\ndef named(n):\n    def wrap(f):\n        T[n] = f\n        return f\n    return wrap\n"
            "@named('x')\ndef a(): ...\n@named('y')\ndef b(): ...\n"
            "for n, f in T.items():\n    mcp.tool(name=n)(f)",
            ["x", "y"],
        ),
        (
            "class Kit:\n    def __init__(self):\n        self.all = {}\n        self.fill()\n"
            "    def fill(self):\n        self.put('x', a)\n        self.put('y', a)\n"
            "    def put(self, n, f):\n        self.all[n] = f\n"
            "    def give(self, app):\n        for n, f in self.all.items():\n"
            "            app.add_tool(f, name=n)\ndef a(): ...\nKit().give(mcp)",
            ["x", "y"],
        ),
        ("def a(): ...\nmcp.add_tool(a)\nmcp.add_tool(a, name='b')", ["a", "b"]),
        ("def a(): ...\ndef b(): ...\nfor one in (a, b):\n    mcp.add_tool(one)", ["a", "b"]),
        ("T = [('x', 1), ('y', 2)]\ndef a(): ...\nfor n, _ in T:\n    mcp.add_tool(a, name=n)", ["x", "y"]),
        ("def a(): ...\ndef setup(app):\n    app.tool()(a)\nsetup(mcp)", ["a"]),
        (
            "def setup(app, n):\n    @app.tool(name=n)\n    def a(): ...\nsetup(mcp, 'x')\nsetup(mcp, 'y')",
            ["x", "y"],
        ),
        (
            "from fastmcp.tools import Tool\ndef a(): ...\nmcp.add_tool(Tool.from_function(a, name='x'))",
            ["x"],
        ),
        (
            "class H:\n def __init__(self, m):\n  m.tool(name='go')(self.x)\n def x(self): ...\nH(mcp)",
            ["go"],
        ),
    ],
)
def test_the_high_level_framework(tmp_path: Path, code: str, expected: list[str]) -> None:
    found = read(tmp_path, FAST + code)
    assert (names(found), found.complete) == (expected, True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "@server.list_tools()\ndef l():\n return [Tool(name='a'), types.Tool(name='b')]",
            ["a", "b"],
        ),
        (
            "from enum import Enum\nclass N(str, Enum):\n    A = 'get_a'\n    B = 'get_b'\n"
            "@server.list_tools()\nasync def l():\n    return [Tool(name=N.A.value), Tool(name=N.B)]",
            ["get_a", "get_b"],
        ),
        (
            "T = {'a': 1, 'b': 2}\ndef l():\n return [Tool(name=n, title=d) for n, d in T.items()]",
            ["a", "b"],
        ),
        ("T = [{'name': 'a'}, {'name': 'b'}]\ndef l():\n    return [Tool(**t) for t in T]", ["a", "b"]),
        (
            "class Base:\n    def __init__(self, name): self.name = name\n"
            "    def get(self): return Tool(name=self.name)\n"
            "class A(Base):\n    def __init__(self): super().__init__('a')\n"
            "class B(Base):\n    def __init__(self): super().__init__('b')\nALL = [A(), B()]",
            ["a", "b"],
        ),
        (
            "class Base:\n    name: str\n    def get(self): return Tool(name=self.name)\n"
            "class A(Base):\n    name = 'a'\nclass B(Base):\n    name = 'b'",
            ["a", "b"],
        ),
        ("def make(n):\n    return Tool(name=n)\ndef l():\n    return [make('a'), make('b')]", ["a", "b"]),
    ],
)
def test_the_low_level_protocol(tmp_path: Path, code: str, expected: list[str]) -> None:
    found = read(tmp_path, LOW + code)
    assert (names(found), found.complete) == (expected, True)


def test_a_registry_of_modules_and_constants_in_another(tmp_path: Path) -> None:
    files = {
        "acme/__init__.py": "",
        "acme/names.py": "PREFIX = 'acme'\nNAMES = {'get': f'{PREFIX}_get'}\n",
        "acme/app.py": "from fastmcp import FastMCP\nmcp = FastMCP('acme')\n",
        "acme/tools/__init__.py": "from . import one, two\n",
        "acme/tools/one.py": "from ..app import mcp\nfrom ..names import NAMES\n"
        "@mcp.tool(name=NAMES['get'])\ndef a(): ...\n",
        "acme/tools/two.py": "from acme.app import mcp\n@mcp.tool\ndef second(): ...\n",
        "acme/main.py": "from acme.app import mcp\nimport acme.tools\ndef main(): mcp.run()\n",
        "acme/unused.py": "from acme.app import mcp\n@mcp.tool\ndef never_loaded(): ...\n",
        "acme-1.2.dist-info/METADATA": "Name: acme-mcp\nVersion: 1.2\n",
        "acme-1.2.dist-info/entry_points.txt": "[console_scripts]\nacme = acme.main:main\n",
    }
    found = read(tmp_path, files)
    assert names(found) == ["acme_get", "second"]
    assert (found.name, found.version, found.complete, found.language) == ("acme-mcp", "1.2", True, "python")
    assert tool(found, "second").spot.file == "acme/tools/two.py"


def test_modules_that_are_loaded_by_name(tmp_path: Path) -> None:
    files = {
        "main.py": "from importlib import import_module\nimport app\nfor m in M: import_module(f'kit.{m}')\n",
        "app.py": FAST,
        "kit/one.py": "from app import mcp\n@mcp.tool\ndef a(): ...\n",
        "pyproject.toml": "[project]\nname = 'x'\nscripts = {x = 'main:run'}\n",
    }
    assert names(read(tmp_path, files)) == ["a"]


@pytest.mark.parametrize(
    "loader",
    [
        "import pkgutil, kit\nfor m in pkgutil.iter_modules(kit.__path__): import_module(f'kit.{m.name}')",
        "for m in pkgutil.walk_packages(['x'], 'kit.'): import_module(m.name)",
        "log = getLogger('kit.sub')\nfor m in MODULES: import_module(m)",
    ],
)
def test_a_text_that_names_a_package_does_not_end_the_search_for_modules(tmp_path: Path, loader: str) -> None:
    files = {
        "kit/main.py": f"from importlib import import_module\nimport kit.app\nNAME = 'kit.sub'\n{loader}\n",
        "kit/app.py": FAST,
        "kit/__init__.py": "",
        "kit/sub/__init__.py": "",
        "kit/sub/one.py": "from kit.app import mcp\n@mcp.tool\ndef a(): ...\n",
        "pyproject.toml": "[project]\nname = 'x'\nscripts = {x = 'kit.main:run'}\n",
    }
    assert names(read(tmp_path, files)) == ["a"]


def test_mounted_servers_put_a_prefix_before_names(tmp_path: Path) -> None:
    code = """
    from fastmcp import FastMCP
    main, issues, wiki = FastMCP('m'), FastMCP('i'), FastMCP('w')
    jira = FastMCP('j')
    @jira.tool
    def get_issue(): ...
    @main.tool
    def health(): ...
    main.mount(jira, prefix='jira')
    docs = FastMCP('d')
    @docs.tool
    def page(): ...
    main.import_server('docs', docs)
    """
    assert names(read(tmp_path, code)) == ["docs_page", "health", "jira_get_issue"]


def test_the_projects_own_decorators(tmp_path: Path) -> None:
    code = """
    import functools
    def register(name, **more):
        def decorate(func):
            @functools.wraps(func)
            async def wrapper(*args, **kwargs):
                return await func(*args, **kwargs)
            mcp.tool(name=name, **more)(wrapper)
            return func
        return decorate

    @register('get_it', description='Gets.')
    async def a(q: str): ...
    """
    found = read(tmp_path, FAST + dedent(code))
    assert names(found) == ["get_it"]
    raw = tool(found, "get_it").tool
    assert raw.description == "Gets."
    assert raw.input_schema["properties"] == {"q": {"type": "string"}}


def test_decorators_that_an_object_of_the_project_makes(tmp_path: Path) -> None:
    code = """
    import functools
    class Registry:
        def __init__(self, server):
            self.server = server
        def reader(self, title):
            return self._register(title, {'readOnlyHint': True})
        def _register(self, title, hints):
            def decorate(function):
                self.server.tool(title=title, annotations=hints)(guarded(function))
                return function
            return decorate
    def guarded(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)
        return wrapper
    def register(tools):
        @tools.reader('Rows')
        def rows(sheet: str):
            'Lists the rows.'
    register(Registry(mcp))
    """
    found = read(tmp_path, FAST + dedent(code))
    assert names(found) == ["rows"]
    raw = tool(found, "rows").tool
    assert (raw.title, raw.description) == ("Rows", "Lists the rows.")
    assert raw.annotations == {"readOnlyHint": True}


def test_a_wrapper_of_what_is_not_known_is_no_name(tmp_path: Path) -> None:
    code = """
    import functools
    def put(function):
        @functools.wraps(function)
        def wrapper(): ...
        mcp.tool()(wrapper)
    for one in load(): put(one)
    """
    found = read(tmp_path, FAST + dedent(code))
    assert names(found) == []
    assert not found.complete


# -- what a tool says --------------------------------------------------------------------------------------


def test_schema_description_and_annotations(tmp_path: Path) -> None:
    code = '''
    from enum import Enum
    from typing import Annotated, Literal, Optional
    from pydantic import BaseModel, Field
    from mcp.types import ToolAnnotations
    from mcp.server.fastmcp import Context
    class Kind(str, Enum):
        A = "a"
        B = "b"
    class Query(BaseModel):
        text: str = Field(..., description="What to find")
        limit: int = 10
    @mcp.tool(title="Find", annotations=ToolAnnotations(readOnlyHint=True, destructiveHint=False))
    def find(
        ctx: Context, q: str, kind: Kind, mode: Literal["x", "y"] = "x", n: Optional[int] = None,
        tags: list[str] = [], note: Annotated[str, Field(description="A note")] = "",
        deep: Query | None = None,
    ) -> str:
        """Finds things."""
    @mcp.tool(annotations={"readOnlyHint": False})
    def put(): ...
    '''
    found = read(tmp_path, FAST + dedent(code))
    raw = tool(found, "find").tool
    assert (raw.title, raw.description) == ("Find", "Finds things.")
    assert raw.annotations == {"readOnlyHint": True, "destructiveHint": False}
    assert tool(found, "put").tool.annotations == {"readOnlyHint": False}
    assert raw.input_schema["required"] == ["q", "kind"]
    fields = raw.input_schema["properties"]
    assert isinstance(fields, dict)
    assert fields["q"] == {"type": "string"}
    assert fields["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert fields["mode"] == {"type": "string", "enum": ["x", "y"], "default": "x"}
    assert fields["n"] == {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    assert fields["tags"] == {"type": "array", "items": {"type": "string"}, "default": []}
    assert fields["note"] == {"type": "string", "description": "A note", "default": ""}
    deep = fields["deep"]
    assert isinstance(deep, dict)
    assert isinstance(deep["anyOf"], list)
    assert deep["anyOf"][0] == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "What to find"},
            "limit": {"type": "integer", "default": 10},
        },
        "required": ["text"],
    }


def test_a_models_schema(tmp_path: Path) -> None:
    code = """
    from pydantic import BaseModel
    class Base(BaseModel):
        path: str
    class Log(Base):
        count: int = 10
        inner: "Log | None" = None
    def l(): return [Tool(name='log', inputSchema=Log.model_json_schema())]
    """
    schema = tool(read(tmp_path, LOW + dedent(code)), "log").tool.input_schema
    assert schema["required"] == ["path"]
    assert isinstance(schema["properties"], dict)
    assert list(schema["properties"]) == ["path", "count", "inner"]


# -- what is reached, needed and kept ----------------------------------------------------------------------


def test_evidence_through_the_projects_own_functions(tmp_path: Path) -> None:
    code = """
    import subprocess
    import httpx
    from pathlib import Path
    def run(text): return subprocess.run(text, shell=True)
    def around(text): return run(text)
    def turn(): return turn_again()
    def turn_again(): return turn()
    class Client:
        def fetch(self, url): return httpx.get(url).json()
    @mcp.tool()
    def shell(text: str): return around(text)
    @mcp.tool()
    def page(url: str): return Client().fetch(url)
    @mcp.tool()
    def save(name: str): Path(name).write_text("x")
    @mcp.tool()
    def compute(text: str): return eval(text)
    @mcp.tool()
    def circle(): return turn()
    """
    found = read(tmp_path, FAST + dedent(code))
    said = {one.tool.name: [(each.ability, each.says) for each in one.evidence] for one in found.tools}
    assert said == {
        "shell": [("executes", "it calls `subprocess.run`")],
        "page": [("network", "it calls `httpx.get`")],
        "save": [("files", "it calls `pathlib.Path.write_text`")],
        "compute": [("evaluates", "it calls `eval`")],
        "circle": [],
    }


def test_evidence_by_the_branch_that_answers(tmp_path: Path) -> None:
    code = """
    import subprocess
    import sqlite3
    def l(): return [Tool(name='run'), Tool(name='ask'), Tool(name='other')]
    def ask(args): return sqlite3.connect('x').execute(args['q'])
    HANDLERS = {'ask': ask}
    @server.call_tool()
    async def call_tool(name, args):
        if name == 'run':
            subprocess.check_output(args['text'])
        elif name == 'other':
            return 1
        return HANDLERS[name](args)
    """
    found = read(tmp_path, LOW + dedent(code))
    said = {one.tool.name: [each.ability for each in one.evidence] for one in found.tools}
    assert said == {"run": ["executes"], "ask": ["database"], "other": []}


def test_needs_and_scopes(tmp_path: Path) -> None:
    code = """
    import os
    KEY = 'ACME_API_KEY'
    a = os.environ[KEY]
    b = os.getenv('ACME_BASE_URL', 'https://acme.example')
    c = os.environ.get('ACME_TIMEOUT')
    d = {'x': 1}.get('NOT_A_TOKEN')
    SCOPES = ['https://www.googleapis.com/auth/drive.readonly', 'files:read']
    @mcp.tool
    def a(): ...
    """
    found = read(tmp_path, FAST + dedent(code))
    assert found.needs_env == ("ACME_API_KEY", "ACME_BASE_URL")
    assert found.scopes == ("files:read", "https://www.googleapis.com/auth/drive.readonly")


def test_shared_state(tmp_path: Path) -> None:
    code = """
    cache = {}
    seen = []
    current = None
    fixed = {'a': 1}
    imported = []
    imported.append(1)
    def remember(x): cache[x] = 1
    @mcp.tool
    def put(x: str):
        global current
        current = x
        seen.append(x)
        remember(x)
        own = {}
        own[x] = fixed['a']
    """
    found = read(tmp_path, FAST + dedent(code))
    assert [one.name for one in found.state] == ["cache", "current", "seen"]
    assert found.state[0].says == "`remember` writes to the module's `cache`"


# -- latent tools ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "latent", "switch"),
    [
        ("os.getenv('ALLOW_WRITE') == 'true'", True, "ALLOW_WRITE"),
        ("os.environ.get('ALLOW_WRITE', 'false').lower() in ('1', 'true')", True, "ALLOW_WRITE"),
        ("on('ALLOW_WRITE')", True, "ALLOW_WRITE"),
        ("os.getenv('READ_ONLY', 'false') != 'true'", False, ""),
        ("not os.getenv('READ_ONLY')", False, ""),
        ("args.allow_write", True, "--allow-write"),
        ("unknown()", False, ""),
        ("Config().client", False, ""),
        ("Config().off", True, "Config().off"),
        ("client is not None", False, ""),
    ],
)
def test_a_tool_that_is_off_by_default(tmp_path: Path, condition: str, latent: bool, switch: str) -> None:
    code = f"""
    import argparse
    import os
    def on(name): return os.getenv(name, 'no') == 'yes'
    class Config:
        def __init__(self):
            self.client = None
            self.off = None
        def connect(self, client):
            self.client = client
    client = None
    def connect():
        global client
        client = Config()
    parser = argparse.ArgumentParser()
    parser.add_argument('--allow-write', action='store_true')
    args = parser.parse_args()
    @mcp.tool
    def read(): ...
    if {condition}:
        @mcp.tool
        def write(): ...
    """
    found = read(tmp_path, FAST + dedent(code))
    assert names(found) == ["read", "write"]
    one = tool(found, "write")
    assert (one.latent, one.switch) == (latent, switch)
    assert not tool(found, "read").latent


def test_a_switch_that_is_handed_down(tmp_path: Path) -> None:
    code = """
    import click
    def write(): ...
    def add(app, allow):
        if not allow:
            return
        app.add_tool(write)
    @click.command()
    @click.option('--allow-write', is_flag=True)
    def main(allow_write):
        add(mcp, allow_write)
    """
    one = tool(read(tmp_path, FAST + dedent(code)), "write")
    assert (one.latent, one.switch) == (True, "--allow-write")


def test_a_server_that_does_not_start_without_a_key_has_no_latent_tools(tmp_path: Path) -> None:
    code = "import os\nif not os.getenv('KEY'):\n    raise ValueError\n@mcp.tool\ndef a(): ...\n"
    assert not tool(read(tmp_path, FAST + code), "a").latent


# -- near misses and what cannot be known ------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "from langchain.tools import tool\n@tool\ndef no(): ...",
        "from pydantic_ai import Agent\nagent = Agent('m')\n@agent.tool\ndef no(): ...",
        "def tool(f): return f\n@tool\ndef no(): ...",
        "class Tool:\n    def __init__(self, name): ...\nTool(name='no')",
        "from openai.types import Tool\nTool(name='no')",
        "T = {'name': 'no', 'description': 'x', 'input_schema': {}}",
    ],
)
def test_near_misses(tmp_path: Path, code: str) -> None:
    assert names(read(tmp_path, FAST + "@mcp.tool\ndef yes(): ...\n" + code)) == ["yes"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (FAST + "api = FastMCP.from_openapi(spec)", "from an OpenAPI description"),
        (LOW + "def l(client): return [Tool(name=t.name) for t in client.list()]", "made at run time"),
        (FAST + "for row in load():\n    mcp.add_tool(row.run, name=row.name)", "made at run time"),
        (
            LOW + "@server.list_tools()\nasync def l():\n return [Tool(name='a'), *(await up.list_tools())]",
            "another",
        ),
        (FAST + "T = [a, *more()]\ndef a(): ...\nfor t in T:\n    mcp.add_tool(t)", "made at run time"),
        (FAST + "T = [a]\nT.extend(more())\ndef a(): ...\nfor t in T:\n    mcp.tool(t)", "made at run time"),
        (
            FAST + "import inspect, kit\n@mcp.tool\ndef a(): ...\n"
            "for _, one in inspect.getmembers(kit, inspect.isfunction):\n    mcp.tool(one)",
            "made at run time",
        ),
        (
            LOW + "@server.list_tools()\nasync def l():\n"
            " return [Tool(name=n, description='') for n in ['a', *names()]]",
            "made at run time",
        ),
        (FAST, "no tool is declared"),
    ],
)
def test_what_is_made_at_run_time_is_not_complete(tmp_path: Path, code: str, reason: str) -> None:
    found = read(tmp_path, code)
    assert not found.complete
    assert reason in found.reason


def test_no_server(tmp_path: Path) -> None:
    assert extract(tmp_path) is None
    assert extract(write(tmp_path, "print(1)")) is None
    assert extract(tmp_path / "missing") is None
    assert extract(tmp_path / "server.py") is None


def test_a_single_file(tmp_path: Path) -> None:
    found = extract(write(tmp_path, FAST + "@mcp.tool\ndef a(): ...") / "server.py", "./server.py")
    assert found is not None
    assert (names(found), found.reason) == (["a"], "the Python source of ./server.py")


# -- hostile trees -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        """f"{d["k"]} and {', '.join(x)}\"""",
        """f"{'\\n'.join(x)}" """,
        """f\'\'\'{d["k"]}\n{'\\t'.join(x)}\'\'\' """,
        """f"{\n x\n}" """,
        """f"{ {"a": f"{x}"}["a"] }" "it's" """,
    ],
)
def test_formatted_texts_of_later_versions_are_read(tmp_path: Path, text: str) -> None:
    code = f"# don't {{\nshown = {text}\n@mcp.tool\ndef a():\n    'It\\'s {{'\n"
    code += f"@mcp.tool(name={text})\ndef b(): ...\n"
    found = read(tmp_path, FAST + code)
    assert (names(found), found.complete) == (["a"], False)
    assert "a tool's name is made at run time (server.py:" in found.reason
    assert tool(found, "a").tool.description == "It's {"


def test_files_that_do_not_parse_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, {"server.py": FAST + "@mcp.tool\ndef a(): ...", "bad.py": "def (:\n"})
    assert (names(found), found.complete) == (["a"], False)
    assert "bad.py" in found.reason


def test_syntax_of_later_versions(tmp_path: Path) -> None:
    code = "type Id = str\nclass Page[T]: ...\ndef first[T: list[int]](x: T) -> T: ...\n"
    code += "class Row[\n    T: tuple[list[int], ...],\n](Page): ...\n"
    code += "try: ...\nexcept KeyError, OSError: ...\n@mcp.tool\ndef a(): ...\n"
    found = read(tmp_path, FAST + code)
    assert found.complete, found.reason
    assert tool(found, "a").spot.line == 12


def test_a_package_may_be_called_src(tmp_path: Path) -> None:
    files = {
        "src/__init__.py": "",
        "src/main.py": "from src.tools import one\n",
        "src/app.py": FAST,
        "src/tools/__init__.py": "",
        "src/tools/one.py": "from src.app import mcp\n@mcp.tool\ndef a(): ...\n",
        "pyproject.toml": "[project]\nname = 'x'\nscripts = {x = 'src.main:run'}\n",
    }
    found = read(tmp_path, files)
    assert (names(found), found.complete) == (["a"], True)


@pytest.mark.parametrize(
    "code",
    [
        "x = " + "(" * 5_000 + "1" + ")" * 5_000,
        "x = " + "-" * 50_000 + "1",
        "x = 1" + "+ 1" * 20_000,
        "a = b\nb = a\nmcp.tool(name=a)(a)",
        "def f(): return f()\nmcp.add_tool(f(), name=f())",
        "class A(A): ...\nclass B(C): ...\nclass C(B): ...\nmcp.add_tool(B().x)",
        "x = ['a']\nx.append(x)\nfor y in x: mcp.add_tool(y)",
        "x = 'a' * 10 ** 9\ny = '%0999999999d' % 1\nmcp.add_tool(f, name=y)",
        "\n".join(f"a{i + 1} = a{i} + a{i}" for i in range(200)) + "\na0 = 'x'\nmcp.add_tool(f, name=a200)",
        "mcp.tool()(" * 50 + ")" * 50,
        "\n".join(f"a{i + 1} = a{i} + a{i}" for i in range(90)) + "\na0 = [1]\nfor x in a90: mcp.add_tool(x)",
        "\n".join(f"a{i + 1} = [a{i}] * 9 + [a{i}, a{i}]" for i in range(60))
        + "\na0 = [1]\nmcp.tool(meta=a60)(f)",
        "\n".join(f"a{i + 1} = a{i}.replace('x', a{i})" for i in range(60))
        + "\na0 = 'xx'\nmcp.add_tool(f, name=a60)",
        "n = [1] * 9\nr = range(500)\nmcp.add_tool(f, name=[1 for a in r for b in r for c in r for d in r])",
        "for a in range(99):\n for b in range(500):\n  for c in range(500):\n   mcp.add_tool(f, name=str(a))",
    ],
)
def test_hostile_code(tmp_path: Path, code: str) -> None:
    assert extract(write(tmp_path, {"server.py": FAST, "bad.py": FAST + code})) is not None


def test_of_very_many_tools_the_rest_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_TOOLS", 2)
    defined = "".join(f"@mcp.tool()\ndef {name}(): ...\n" for name in "xyz")
    found = read(tmp_path, f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{defined}")
    assert names(found) == ["x", "y"]
    assert "more than 2 tools" in found.reason
    assert not found.complete


def test_conditions_that_leave_a_block_hold_for_what_stands_after_them_alone(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        import os
        from mcp.server.fastmcp import FastMCP
        mcp = FastMCP("x")
        def register():
            @mcp.tool()
            def before(): ...
            if not os.environ.get("WRITES"):
                return
            @mcp.tool()
            def after(): ...
        register()
        """,
    )
    assert {one.tool.name: one.latent for one in found.tools} == {"before": False, "after": True}


def test_tools_found_before_the_work_ended_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "STEPS_PER_MB", 2_000)
    found = read(tmp_path, FAST + "".join(f"@mcp.tool\ndef a{n}(): ...\n" for n in range(2_000)))
    assert "a0" in names(found)
    assert len(found.tools) < 2_000
    assert "too much code to read to its end" in found.reason


def test_files_beyond_what_is_kept_in_memory_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_NODES", 200)
    files = {"a.py": FAST + "@mcp.tool\ndef a(): ...\n", "b.py": "x = 1\n" * 100}
    found = read(tmp_path, files)
    assert names(found) == ["a"]
    assert "b.py, as there is too much code" in found.reason


def test_a_file_too_large_to_be_read_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_FILE", 10)
    found = read(tmp_path, FAST)
    assert not found.complete
    assert "not read" in found.reason


def test_cyclic_imports(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import *\nfrom b import N\n" + FAST,
        "b.py": "from a import *\nfrom a import N, mcp\n",
    }
    files["a.py"] += "mcp.add_tool(f, name=N)\n@mcp.tool\ndef a(): ...\n"
    assert names(read(tmp_path, files)) == ["a"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", FAST + "@mcp.tool\ndef stolen(): ...")
    inside = write(tmp_path / "inside", FAST + "@mcp.tool\ndef a(): ...")
    (inside / "linked").symlink_to(outside)
    (inside / "linked.py").symlink_to(outside / "server.py")
    (inside / "again").symlink_to(inside)
    assert names(read(inside, {})) == ["a"]


def test_the_same_twice(tmp_path: Path) -> None:
    code = (
        "import os\nfor n in {'a', 'b', 'c'}:\n    mcp.add_tool(f, name=n)\ndef f(): return os.system('x')\n"
    )
    root = write(tmp_path, FAST + code)
    assert extract(root) == extract(root)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "mcp.tool(name=", "@mcp.tool(", "[Tool(**", "def a(x: "]))
def test_no_text_crashes_it(tmp_path_factory: pytest.TempPathFactory, text: str, start: str) -> None:
    path = tmp_path_factory.mktemp("source") / "server.py"
    path.write_bytes((FAST + LOW + start + text).encode("utf-8", "surrogatepass"))
    assert extract(path) is not None
