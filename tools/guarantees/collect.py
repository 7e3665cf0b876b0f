"""Finds the tests that hold a promise, without importing them: pages are made quickly, from any checkout."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, as a user reads it."""

    name: str
    title: str
    promise: str
    excluded: str


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """One test function that holds a promise."""

    promise: str
    file: str
    line: int
    name: str
    sentence: str
    slow: bool

    @property
    def key(self) -> str:
        """How pytest calls it, without parameters."""
        return f"{self.file}::{self.name}"


class PromiseError(Exception):
    """A marker that names no promise, or a promise that no test holds."""


def promises() -> tuple[Promise, ...]:
    """The promises in the order of their file."""
    rows = yaml.safe_load((HERE / "promises.yaml").read_text(encoding="utf-8"))
    return tuple(Promise(row["name"], row["title"], row["promise"], row["not"]) for row in rows)


def collect(root: Path = ROOT) -> tuple[Held, ...]:
    """All tests that carry a promise, sorted; raises where a name or a marker is wrong."""
    known = {promise.name for promise in promises()}
    found: list[Held] = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.promise" in text:
            found += _File(path.relative_to(root).as_posix(), ast.parse(text)).tests()
    for test in found:
        if test.promise not in known:
            names = ", ".join(sorted(known))
            raise PromiseError(
                f"{test.file}:{test.line}: no promise is called {test.promise!r}; there are {names}"
            )
    return tuple(sorted(found))


def unheld(found: Iterable[Held]) -> list[str]:
    """The promises that no test holds."""
    held = {test.promise for test in found}
    return [promise.name for promise in promises() if promise.name not in held]


class _File:
    """The marks of one test file: of the module, of classes, of functions."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree
        self.understood: set[ast.Call] = set()
        self.named = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def tests(self) -> Iterator[Held]:
        """Its tests, once for each promise that they hold."""
        whole = self.named.get("pytestmark")
        yield from self._body(self.tree.body, self._marks([whole] if whole else []), "")
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and _mark(node) == "promise" and node not in self.understood:
                raise PromiseError(
                    f"{self.name}:{node.lineno}: a promise is named on a test, a class or as `pytestmark`"
                )

    def _body(self, body: list[ast.stmt], above: list[ast.expr], prefix: str) -> Iterator[Held]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                inner = [
                    one.value
                    for one in node.body
                    if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "pytestmark"
                ]
                marks = above + self._marks([*node.decorator_list, *inner])
                if node.name.startswith("Test"):
                    yield from self._body(node.body, marks, f"{prefix}{node.name}::")
            elif isinstance(node, Definition) and node.name.startswith("test"):
                yield from self._test(node, above + self._marks(node.decorator_list), prefix)

    def _test(self, node: Definition, marks: list[ast.expr], prefix: str) -> Iterator[Held]:
        names = {self._name(mark) for mark in marks if _mark(mark) == "promise"}
        cases = [one for one in node.decorator_list if _mark(one) == "parametrize"]
        if names and any(_mark(inner) == "slow" for one in cases for inner in ast.walk(one)):
            # Figures are of whole tests, and the slow ones are run apart.
            raise PromiseError(
                f"{self.name}:{node.lineno}: all cases of a test that holds a promise are slow, or none"
            )
        slow = any(_mark(mark) == "slow" for mark in marks)
        for name in sorted(names):
            yield Held(name, self.name, node.lineno, prefix + node.name, sentence(node), slow)

    def _marks(self, expressions: list[ast.expr]) -> list[ast.expr]:
        """The marks among decorators, lists of marks and names that stand for them."""
        found: list[ast.expr] = []
        for one in expressions:
            if isinstance(one, ast.Name) and one.id in self.named:
                found += self._marks([self.named[one.id]])
            elif isinstance(one, ast.List | ast.Tuple):
                found += self._marks(one.elts)
            elif isinstance(one, ast.Call) and _mark(one) == "parametrize":
                # A case may be slow or hold a promise of its own; then its test does, too.
                inside = (mark for inner in one.args for mark in ast.walk(inner))
                found += [mark for mark in inside if isinstance(mark, ast.Call) and _mark(mark) == "promise"]
            else:
                found.append(one)
        self.understood.update(one for one in found if isinstance(one, ast.Call))
        return found

    def _name(self, mark: ast.expr) -> str:
        if isinstance(mark, ast.Call) and len(mark.args) == 1 and isinstance(mark.args[0], ast.Constant):
            return str(mark.args[0].value)
        raise PromiseError(f"{self.name}:{mark.lineno}: `promise` takes one name, written out")


def _mark(node: ast.AST) -> str:
    """`slow` of `pytest.mark.slow` or `pytest.mark.slow(...)`, empty for all else."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and ast.unparse(target.value) in ("pytest.mark", "mark"):
        return target.attr
    return ""


def sentence(node: Definition) -> str:
    """What a test says: the first line of its docstring, else its name."""
    told = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ").strip().rstrip(".")
    told = told or node.name.removeprefix("test").strip("_").replace("_", " ")
    return told[:1].upper() + told[1:]
