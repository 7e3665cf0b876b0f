"""How a reader makes sure that the page says what the report says, and what the report was made of."""

from shlex import quote

from mcpaudit.model.report import Report

SHA256 = (
    "python3 -c \"import hashlib; print(hashlib.sha256(open('report.json', 'rb').read()"
    ".removesuffix(b'\\n')).hexdigest())\""
)
"""The digest is over the canonical bytes, and the file has a line feed after them."""


def check_command(report: Report) -> str:
    """The command that writes the same report again, but for what only its user knows: the folders."""
    run = report.run
    words = ["mcpaudit check PATH --home HOME", f"--as-of {report.as_of}", f"--platform {run.platform}"]
    if run.mode != "interactive":
        words.append(f"--mode {run.mode}")
    if run.fail_on != "high":
        words.append(f"--fail-on {run.fail_on}")
    words += [flag for flag, on in (("--as-is", run.as_is), ("--strict", run.strict)) if on]
    words += [] if run.waivers else ["--no-waivers"]
    words += [f"--profile {quote(run.profile)}"] if run.profile else []
    words += [f"--pack {quote(pack)}" for pack in run.packs]
    return " ".join((*words, "--format json=report.json"))
