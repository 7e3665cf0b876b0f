"""The locks pin all by hash and meet what pyproject.toml asks for; whatever installs, installs by them."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.supply.lock import SELF, Locked, LockError, names_of, read_lock, within

pytestmark = pytest.mark.promise("supply-chain")

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN, DEV = read_lock(ROOT / "requirements.lock"), read_lock(ROOT / "requirements-dev.lock")
EXTRAS = [one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra]
Property = Callable[[str, object], None]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=["run", "dev"])
def test_a_lock_pins_each_package_by_hash_and_says_who_needs_it(
    lock: tuple[Locked, ...], record_property: Property
) -> None:
    assert all(one.hashes and one.needed_by for one in lock)
    reached = within({SELF}, lock)
    assert {one.name for one in lock} <= reached
    record_property("packages", len(lock))
    record_property("hashes", sum(len(one.hashes) for one in lock))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("click==8.5.1\n", 1),
        ("click>=8 \\\n    --hash=sha256:" + "0" * 64 + "\n", 1),
        ("click==8.5.1 \\\n    # via mcp\n", 2),
        ("click==8.5.1 \\\n    --hash=sha256:" + "0" * 63 + "\n", 2),
        ("click @ https://example.com/click.whl \\\n    --hash=sha256:" + "0" * 64 + "\n", 1),
        ("-e .\n", 1),
        ("--index-url https://example.com/simple\n", 1),
        ("git+https://example.com/click.git\n", 1),
    ],
)
def test_a_line_that_is_not_pinned_by_hash_is_refused(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "x.lock").write_text(text, encoding="utf-8")
    with pytest.raises(LockError, match=rf"^x\.lock:{line}: "):
        read_lock(tmp_path / "x.lock")


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("platform", "system"), [("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows")]
)
def test_on_every_platform_the_locks_meet_what_is_asked_for_with_one_version_each(
    python: str, platform: str, system: str
) -> None:
    environment = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_system": system,
        "extra": "",
    }
    asked = PROJECT["project"]["dependencies"]
    development = [*asked, *PROJECT["dependency-groups"]["dev"], *PROJECT["build-system"]["requires"]]
    for lock, wanted in ((RUN, asked), (DEV, development), (DEV, EXTRAS)):
        holding = [one for one in lock if not one.marker or Marker(one.marker).evaluate(environment)]
        versions = {one.name: one.version for one in holding}
        assert len(versions) == len(holding)
        for requirement in map(Requirement, wanted):
            assert requirement.url is None
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_what_both_locks_have_is_the_same_in_both() -> None:
    shared = {one.name for one in RUN}
    # Markers may differ: what development needs besides can need a package on more platforms.
    assert {(one.name, one.version, one.hashes) for one in DEV if one.name in shared} == {
        (one.name, one.version, one.hashes) for one in RUN
    }


def test_the_extras_are_locked_for_development_and_no_other_package_is_in_the_lock_of_users() -> None:
    extras = names_of(EXTRAS)
    assert extras <= {one.name for one in DEV}
    assert {one.name for one in RUN} == within(names_of(PROJECT["project"]["dependencies"]), RUN)


def test_each_dependency_has_a_lower_bound() -> None:
    for text in [*PROJECT["project"]["dependencies"], *EXTRAS]:
        requirement = Requirement(text)
        assert [one for one in requirement.specifier if one.operator == ">="], text


def test_what_this_repository_installs_comes_by_hash() -> None:
    """The container, the action and the development environment install with `--require-hashes`."""
    script = (ROOT / "ci/github.sh").read_text(encoding="utf-8")
    by_hash, by_version = re.findall(r'^    "\$\{pip\[@\]\}" (.*)$', script, re.MULTILINE)
    assert by_hash.startswith("--require-hashes -r")
    # The user's own choice of a published version; docs/ci.md says that its dependencies are not locked.
    assert by_version == '"mcp-reach-audit==$VERSION"'
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert docker.count("pip install") == docker.count("--require-hashes -r /requirements.lock") == 1
    assert "--require-hashes" in (ROOT / "tools/dev.py").read_text(encoding="utf-8")
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    assert "its dependencies by hash" in page


def test_actions_are_pinned_by_commit_and_images_by_digest_or_the_reason_is_told() -> None:
    used = [
        use
        for file in [ROOT / "action.yml", *sorted((ROOT / ".github").rglob("*.yml")), ROOT / "docs/ci.md"]
        for use in re.findall(r"uses: (\S+)", file.read_text(encoding="utf-8"))
    ]
    assert len(used) >= 3
    assert all(re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", use) for use in used)
