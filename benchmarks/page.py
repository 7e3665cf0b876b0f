"""How large the HTML report is, and how long a browser takes until it can be read and asked.

    python benchmarks/page.py [N ...]

Projects of benchmarks/scale.py with N servers of 50 tools each (20, 50 and 200 unless numbers are given), and
the example. `render` is the time to write the page; `load` until the load event, when scripts have run;
`drawn` from scrolling to the picture until it is there; `asked` from "what if" to the answer. In seconds.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, sync_playwright

from benchmarks.scale import measure, project
from mcpaudit.report.canonical import from_json
from mcpaudit.report.formats import render

ROOT = Path(__file__).parents[1]
SIZES = (20, 50, 200)


def main() -> None:
    """Print one row a report."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    print("servers   KiB  render    load   drawn   asked")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for size in sizes:
            root = Path(scratch) / str(size)
            measure(project(root, size, shared=False), root)
            print(f"{size:7}", _row(browser, root / "report.json"), flush=True)
        example = ROOT / "examples/logistics"
        root = Path(scratch)
        measure(["check", str(example), "--home", str(example / "home"), "--as-of", "2026-11-22"], root)
        print("example", _row(browser, root / "report.json"))
        browser.close()


def _row(browser: Browser, saved: Path) -> str:
    report = from_json(saved.read_bytes())
    start = perf_counter()
    content = render(report, "html")
    rendered = perf_counter() - start
    file = saved.with_suffix(".html")
    file.write_bytes(content)
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    start = perf_counter()
    page.goto(file.as_uri())
    loaded = perf_counter() - start
    start = perf_counter()
    page.evaluate("document.getElementById('overview').scrollIntoView({behavior: 'instant'})")
    page.wait_for_selector("#canvas canvas")
    drawn = perf_counter() - start
    start = perf_counter()
    page.evaluate("document.getElementById('what-if-name').value = "
                  "document.querySelector('#what-if-names option').value")  # fmt: skip
    page.evaluate("document.querySelector('#what-if-form button').click()")
    page.wait_for_selector("#what-if-answer:not([hidden])")
    asked = perf_counter() - start
    page.close()
    times = "".join(f"{seconds:8.2f}" for seconds in (rendered, loaded, drawn, asked))
    return f"{len(content) // 1024:5}{times}"


if __name__ == "__main__":
    main()
