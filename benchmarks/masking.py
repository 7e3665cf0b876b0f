"""How masking grows with hostile input: the ratio of 64 KiB to 16 KiB; 4 is linear.

python benchmarks/masking.py
"""

import time

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import mask
from tests.knowledge.test_secrets import HOSTILE


def cost(text: str, packs: Packs) -> float:
    """The best CPU seconds of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        mask(text, "PASSWORD", packs)
        best = min(best, time.process_time() - begun)
    return best


def main() -> None:
    packs = Packs.shipped()
    rows = []
    for hostile in HOSTILE:
        small, large = (cost((hostile * size)[: size - 1] + "!", packs) for size in (16_384, 65_536))
        rows.append((large / max(small, 1e-6), large, hostile))
    for ratio, seconds, hostile in sorted(rows, reverse=True)[:10]:
        print(f"{hostile!r:32} {seconds:7.3f} s  x{ratio:.1f}")
    print(f"{len(rows)} texts, worst ratio {max(rows)[0]:.1f}, worst {max(row[1] for row in rows):.3f} s")


if __name__ == "__main__":
    main()
