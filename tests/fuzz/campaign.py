"""A campaign: `python -m tests.fuzz.campaign SECONDS FOLDER [TARGET...]` fuzzes each target for so long.

What it finds lies in FOLDER: `TARGET/` for inputs that reach more, `TARGET.broke-*` for those that break it.
The counts go into `campaign.yaml`; of the inputs the shortest go into the corpus.
"""

import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tests.fuzz.__main__ import CORPUS
from tests.fuzz.registry import TARGETS

COUNTS = Path(__file__).with_name("campaign.yaml")
_MOST, _LONGEST = 8, 1_000
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def run(name: str, seconds: int, folder: Path) -> tuple[int, bool]:
    """How many inputs one target was given, and whether it held."""
    found = folder / name
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", "-max_len=4096", "-print_final_stats=1", "-rss_limit_mb=2048"]
    words = [sys.executable, "-m", "tests.fuzz", name, str(found), *options]
    words.append(f"-artifact_prefix={folder}/{name}.broke-")
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    (folder / f"{name}.log").write_text(done.stdout[-4000:] + done.stderr[-8000:], encoding="utf-8")
    told = _RUNS.search(done.stderr)
    return int(told[1]) if told else 0, done.returncode == 0


def keep(name: str, folder: Path) -> None:
    """Put some of the short inputs that reached more into the corpus, spread over those that were found."""
    held = {path.read_bytes() for path in (CORPUS / name).glob("*")}
    inputs = sorted(
        {path.read_bytes() for path in (folder / name).iterdir()} - held, key=lambda raw: (len(raw), raw)
    )
    short = [raw for raw in inputs if 0 < len(raw) <= _LONGEST]
    for raw in short[:: max(len(short) // _MOST, 1)][:_MOST]:
        path = CORPUS / name / f"found-{hashlib.sha256(raw).hexdigest()[:8]}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)


def main(words: list[str]) -> int:
    """Run the campaign; its exit code tells whether every target held."""
    seconds, folder = int(words[0]), Path(words[1])
    counts = yaml.safe_load(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {"targets": {}}
    counts |= {"date": datetime.now(UTC).date().isoformat(), "seconds": seconds}
    broken = []
    for name in words[2:] or TARGETS:
        runs, held = run(name, seconds, folder)
        print(name, runs, "held" if held else "BROKE", flush=True)
        if held:
            counts["targets"][name] = runs
            keep(name, folder)
        else:
            broken.append(name)
        COUNTS.write_text(yaml.safe_dump(counts, sort_keys=True), encoding="utf-8")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
