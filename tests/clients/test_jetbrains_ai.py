"""JetBrains AI Assistant: its file is said to be there, and nothing of it is read."""

from pathlib import Path

from tests.installation import collect


def test_a_file_that_is_not_read_is_said(tmp_path: Path) -> None:
    file = "~/.config/JetBrains/PyCharm2026.2/options/llm.mcpServers.xml"
    collected = collect(tmp_path, {file: "<application/>", "~/.config/JetBrains/Other/x": ""})
    assert collected.agents == ()
    assert [(gap.kind, gap.place.file, gap.client) for gap in collected.gaps] == [
        ("not-understood", file, "jetbrains-ai")
    ]
