"""What is said where a text cannot be changed without touching more than is meant."""


class Uneditable(Exception):  # noqa: N818 - named for what it says of the text
    """Indicates a change that is not made; the message names routes and never quotes a value."""
