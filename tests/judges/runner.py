"""What runners of CI take for commands in the log of a step.

Sources: `ActionCommand.cs` of actions/runner (both forms: `::name k=v::text` after blanks at the start of a
line, and the older `##[name k=v]text` anywhere in one); Azure Pipelines, "Logging commands" (`##vso[`);
TeamCity, "Service Messages"; GitLab, "Custom collapsible sections".
"""

import re

_OLD = re.compile(r"##(?:vso|teamcity)?\[", re.IGNORECASE)
_SECTION = re.compile(r"section_(?:start|end):\d+:[^\r\n]*\r")


def commands(log: str) -> list[tuple[str, str, str]]:
    """Name, properties and text of each command that a runner of GitHub obeys in this log."""
    found = []
    for line in re.split("\r\n|\r|\n", log):
        line = line.lstrip()
        if line.startswith("::") and (end := line.find("::", 2)) >= 0:
            name, _, properties = line[2:end].partition(" ")
            found.append((name, properties, line[end + 2 :]))
        elif "##[" in line and "]" in line.partition("##[")[2]:
            inside, _, text = line.partition("##[")[2].partition("]")
            found.append((inside.partition(" ")[0], inside.partition(" ")[2], text))
    return found


def check(log: str, *ours: str) -> None:
    """Fails for any command besides those with our names, and for those of other hosts."""
    strange = [one for one in commands(log) if one[0] not in ours]
    assert strange == []
    # What a command of ours says is not looked through for others.
    rest = [line for line in re.split("\r\n|\r|\n", log) if not (ours and line.startswith("::"))]
    assert [line for line in rest if _OLD.search(line) or _SECTION.search(line)] == []
