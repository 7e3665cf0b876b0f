"""How much of a program is parsed: counted, never timed, so that a busy machine finds no less."""

from tree_sitter import Parser, Tree

MOST = 100_000
"""Tree-sitter reports its progress about every 30 nodes, for each of which it keeps some 120 bytes."""
_CHUNK = 4096


class Effort:
    """What is left for parsing the files of one program."""

    __slots__ = ("left",)

    def __init__(self, most: int = MOST) -> None:
        self.left = most

    def parsed(self, parser: Parser, raw: bytes) -> Tree | None:
        """The tree of a file; `None` where the effort ends before it does."""
        before = self.left
        try:
            return parser.parse(lambda start, _: raw[start : start + _CHUNK], progress_callback=self._goes_on)
        except ValueError:  # it was told to stop
            parser.reset()
            # A smaller file may still be read.
            self.left = before // 2
            return None

    def _goes_on(self, *_: object) -> bool:
        self.left -= 1
        return self.left < 0
