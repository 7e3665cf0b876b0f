"""Texts of which a part is a secret: they read as masked, and give what they hide to who asks for it."""


class Veiled(str):
    """A masked text that remembers what it was; all that Python makes of it is only masked."""

    __slots__ = ("hidden",)
    hidden: str

    def __new__(cls, shown: str, hidden: str = "") -> "Veiled":
        """A text that shows as `shown`."""
        made = super().__new__(cls, shown)
        made.hidden = hidden
        return made


def unveiled(text: str) -> str:
    """A text as its file has it: to compare secrets, to find places, to start servers; never for output."""
    return text.hidden if isinstance(text, Veiled) else str(text)
