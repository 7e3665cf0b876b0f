"""Bounds on what is parsed, so that a hostile file costs little and never hangs or crashes an audit."""

from typing import Final

MAX_BYTES: Final = 16 * 1024 * 1024
"""Client state files with years of history stay under this; a larger file is no configuration."""

MAX_DEPTH: Final = 64
"""Containers in one another. Real configurations nest under 12; recursion over 64 is safe in any reader."""

MAX_NODES: Final = 2_000_000
"""Values, comments included and YAML aliases expanded: bounds memory where the byte limit does not."""

MAX_SLOW_NODES: Final = 150_000
"""The same for YAML and scripts, read at a tenth of the speed; large catalogs have a third of it."""

MAX_ALIASES: Final = 1000
"""YAML aliases after expansion: stops "billion laughs" files, far above what people write by hand."""

MAX_DIRECTIVES: Final = 64
"""YAML `%TAG` lines; libyaml compares each with all before it."""

MAX_TABLES: Final = 200_000
"""Brackets and dots of a TOML file: `tomllib` spends about a kilobyte on each table that a key opens."""

MAX_DIGITS: Final = 4300
"""Digits of an integer, Python's own default: longer ones take quadratic time to read and to write."""

MAX_MEMBERS: Final = 10_000
"""Members of one table that a reader goes through: each may be a server, at up to half a millisecond. Five
thousand servers in one file are the most that `benchmarks/scale.py` measures."""
