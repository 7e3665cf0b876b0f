"""Static is static for the kernel, too: strace sees no connection, no program and no process of ours."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.promises.commands import static_runs
from tests.promises.running import plain_environment
from tests.promises.stage import stage

pytestmark = [
    pytest.mark.promise("static"),
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]
COMMANDS = ("check", "diff", "lock", "review prepare")
# Threads of one process are made with CLONE_THREAD; anything else is a process.
FORBIDDEN = re.compile(
    r"\b(?:connect|sendto|sendmsg|bind|listen|execveat|v?fork)\(|\bclone3?\((?!.*CLONE_THREAD)"
)
OPENED = re.compile(r'\bopenat?\((?:AT_FDCWD, )?"(?P<path>[^"]+)", (?P<flags>[A-Z_|]+)')
CALLS = "trace=%process,%network,open,openat,creat,rename,renameat,renameat2,unlink,mkdir"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_kernel_is_asked_for_no_process_and_no_connection_by(
    command: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    stage(tmp_path)
    run = next(one for one in static_runs() if one.command == command)
    trace = tmp_path / "trace"
    line = ["strace", "-f", "-o", str(trace), "-e", CALLS, sys.executable, "-B", "-m", "mcpaudit"]
    done = subprocess.run(
        [*line, *command.split(), *run.words], cwd=tmp_path, env=plain_environment(tmp_path), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    if "ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here")
    assert done.returncode == run.code, done.stderr
    calls = trace.read_text(errors="replace").splitlines()
    assert [call for call in calls if FORBIDDEN.search(call)] == []
    assert sum("execve(" in call for call in calls) == 1
    opened = [match for call in calls if (match := OPENED.search(call)) and "ENOENT" not in call]
    written = {found["path"] for found in opened if re.search("O_WRONLY|O_RDWR|O_CREAT", found["flags"])}
    own = (*(str(tmp_path / one.rstrip("/")) for one in run.writes), str(tmp_path / "tmp"), "/dev/null")
    for path in written:
        whole = str(tmp_path / path)
        beside = any(whole.startswith(f"{Path(one).parent}/.{Path(one).name}.") for one in own)
        assert beside or whole.startswith(own), path
    assert not [
        found["path"] for found in opened if str(tmp_path / found["path"]).startswith(f"{tmp_path}/trap/")
    ]
    record_property(f"system calls of `{command}` that strace saw", len(calls))
