"""`mcpaudit policy`: test policies, document them, print the schemas of the files that people write."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from mcpaudit.cli.output import say, write_whole
from mcpaudit.errors import UsageError
from mcpaudit.policy.policy import load, shipped, shipped_folder
from mcpaudit.policy.validation import SCHEMAS, for_editors
from mcpaudit.report.escape import terminal


@click.group()
def command() -> None:
    """Test policies, document them, print their schemas."""


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--junit", type=click.Path(path_type=Path), help="Also write the results to this JUnit XML file."
)
def test(paths: Sequence[Path], junit: Path | None) -> int:
    """Run the tests beside policies: PATHS are files or folders, the shipped policies by default.

    Exit codes: 0 all tests hold; 1 some do not; 2 a policy or test file is wrong.
    """
    from mcpaudit.policy_tests import junit as written
    from mcpaudit.policy_tests import run, suites

    results = [(suite, run(suite)) for suite in suites(paths or [shipped_folder()])]
    for suite, cases in results:
        failed = [one for one in cases if not one.passed]
        known = sum(one.case.todo for one in cases)
        noted = f", {known} known gap{'s' * (known > 1)}" if known else ""
        if not cases:
            click.echo(f"none  {terminal(suite.policy)}: it has no tests ({terminal(suite.tests.name)})")
            continue
        word = "FAIL" if failed else "ok"
        held = f"{len(cases) - len(failed)} of {len(cases)} cases hold{noted}"
        click.echo(f"{word:<5} {terminal(suite.policy)}: {held}")
        for one in failed:
            click.echo(f"      {terminal(suite.tests.as_posix())}:{one.case.line}: {terminal(one.case.name)}")
            for line in one.explanation:
                click.echo(f"        {terminal(line)}")
    if junit is not None:
        write_whole(junit, written(results).encode("utf-8", "replace"))
    failures = sum(not one.passed for _, cases in results for one in cases)
    total = sum(len(cases) for _, cases in results)
    outcome = f"{failures} do not hold" if failures else "all hold"
    click.echo(
        f"{counted(len(results), 'policy', 'policies')}, {counted(total, 'case', 'cases')}: {outcome}."
    )
    return 1 if failures else 0


@command.command(name="lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How."
)
def lint_policies(paths: Sequence[Path], form: str) -> int:
    """Look for what is hardly meant in policies: PATHS are files or folders, the shipped policies by default.

    It names duplicate ids, conditions that never or always hold, parts that change nothing, unused params and
    variables, unknown controls, missing tests and empty fixes; and everything that is wrong altogether.

    Exit codes: 0 nothing to say; 1 something is.
    """
    from mcpaudit.policy.lint import lint

    taken = {policy.id: policy.file for policy in shipped()} if paths else {}
    found = lint(paths or [shipped_folder()], taken)
    if form == "json":
        rows = [{"rule": one.rule, **asdict(one.mistake)} for one in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return 1 if found else 0
    for one in found:
        lines = str(one.mistake).split("\n")
        click.echo("\n".join([f"{terminal(lines[0])} ({one.rule})", *map(terminal, lines[1:])]))
    click.echo(f"{counted(len(found), 'thing', 'things')} to look at." if found else "Nothing to say.")
    return 1 if found else 0


@command.command(name="digest")
@click.argument("source")
def print_digest(source: str) -> int:
    """Print the digest of a pack of policies, by which mcpaudit.yaml pins it.

    SOURCE is a folder, a .zip or .tar.gz archive, or git+REPOSITORY@REVISION[:FOLDER] of a repository on this
    machine, which is read without git.
    """
    from mcpaudit.policy.packs import digest, read_pack

    click.echo(digest(read_pack(source, Path())))
    return 0


def counted(number: int, one: str, more: str) -> str:
    """`1 policy`, `2 policies`."""
    return f"{number} {one if number == 1 else more}"


@command.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for the pages.")
def docs(path: Path | None, out: Path) -> int:
    """Write a Markdown page for each policy of PATH (the shipped ones by default), and an index."""
    from mcpaudit.policy.pages import policy_pages

    pages = policy_pages(load([path]), path) if path else policy_pages()
    for name, text in pages.items():
        write_whole(out / name, text.encode())
    say(f"wrote {len(pages)} pages to {out}")
    return 0


@command.command(name="schema")
@click.argument("name", required=False, type=click.Choice((*SCHEMAS, "lock")))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write all of them into this folder: `NAME.schema.json`."
)
def print_schema(name: str | None, out: Path | None) -> int:
    """Print the JSON Schema of a file that people write, or write all of them into a folder.

    docs/writing-policies.md shows how editors are told of them.
    """
    if (name is None) is (out is None):
        raise UsageError("name one schema to print it, or give --out FOLDER to write all of them")
    if out is not None:
        for one in (*SCHEMAS, "lock"):
            write_whole(out / f"{one}.schema.json", f"{_schema(one)}\n".encode())
        say(f"wrote {len(SCHEMAS) + 1} schemas to {out}")
    if name is not None:
        click.echo(_schema(name))
    return 0


def _schema(name: str) -> str:
    # Imported here: the lock's schema is made from its own model.
    from mcpaudit.report.schema import lock_schema

    return json.dumps(lock_schema() if name == "lock" else for_editors(name), indent=2, ensure_ascii=False)
