"""What the methods of strings give."""

from collections.abc import Callable

from mcpaudit.manifests.javascript.values import MAX_TEXT, UNDEFINED, UNKNOWN, Arr, Item, Regex, together

_PLAIN: dict[str, Callable[[str], str]] = {
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "trim": str.strip,
    "toString": str,
}


def of_text(name: str, text: str, values: list[object]) -> object:
    """What a method of a string gives."""
    if name in _PLAIN:
        return _PLAIN[name](text)
    if name in ("slice", "substring", "substr"):
        return _cut(name, text, values)
    if name in ("charAt", "at"):
        index = values[0] if values else 0
        return text[index : index + 1] if isinstance(index, int) and index >= 0 else UNKNOWN
    if name in ("replace", "replaceAll") and len(values) == 2 and isinstance(values[0], Regex):
        return values[0].replaced(text, values[1])
    plain = [value for value in values if isinstance(value, str)]
    if len(plain) != len(values) or not plain:
        return UNKNOWN
    one = plain[0]
    if name == "concat":
        return together([text, *plain])
    if name == "startsWith":
        return text.startswith(one)
    if name == "endsWith":
        return text.endswith(one)
    if name == "includes":
        return one in text
    if name in ("replace", "replaceAll") and len(plain) == 2:
        if name == "replaceAll" and text.count(one) * len(plain[1]) > MAX_TEXT:
            return UNKNOWN
        return text.replace(one, plain[1], 1 if name == "replace" else -1)
    if name == "split":
        return Arr([Item(part) for part in (text.split(one) if one else text[:1000])])
    return UNKNOWN


def _cut(name: str, text: str, values: list[object]) -> object:
    """Part of a string; `undefined` at its end means to the end."""
    numbers = [value for value in values[:2] if value is not UNDEFINED]
    if not numbers or not all(isinstance(one, int) and not isinstance(one, bool) for one in numbers):
        return UNKNOWN
    start, *end = (int(str(one)) for one in numbers)
    if name == "substr":
        return text[start:][: end[0]] if end else text[start:]
    if name == "substring" and (start < 0 or (end and end[0] < start)):
        return UNKNOWN
    return text[start : end[0]] if end else text[start:]
