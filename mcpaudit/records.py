"""`dataclass` as the standard library has it, whose methods are written when they are first called.

The standard one compiles six methods a class while it is imported, used or not: for the hundreds of classes
here that was a third of the time of a short audit. Everything else (fields, slots, `replace`, matching) is
the standard library's own.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

_GIVEN = object()
"""The default of a parameter whose value a factory makes."""


def _dataclass(
    cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, **others: bool
) -> Any:
    """The class as the standard library would make it; options that are rare here are left to it."""
    if cls is None:
        return lambda one: _dataclass(one, frozen=frozen, slots=slots, eq=eq, **others)
    if others or not slots:
        return dataclasses.dataclass(cls, frozen=frozen, slots=slots, eq=eq, **others)
    own = set(cls.__dict__)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library works out a signature to put there
    hashed = cls.__dict__.get("__hash__") is not None
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    _late(made, "__init__", _init, frozen=frozen)
    if "__repr__" not in own:
        _late(made, "__repr__", _repr)
    if eq and "__eq__" not in own:
        _late(made, "__eq__", _eq)
    if eq and frozen and not hashed:
        _late(made, "__hash__", _hash)
    elif eq and not hashed:
        made.__hash__ = None
    if frozen:
        made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass


def _late(cls: Any, name: str, write: Callable[..., Callable[..., Any]], **options: bool) -> None:
    """A method that writes the real one in its own place, then calls it."""

    def method(self: Any, *args: Any, **named: Any) -> Any:
        real = write(cls, **options)
        real.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, real)
        return real(self, *args, **named)

    setattr(cls, name, method)


def _init(cls: Any, frozen: bool) -> Callable[..., Any]:
    parameters, lines, names = ["self"], [], dict[str, object]()
    for one in dataclasses.fields(cls):
        name, value = one.name, one.name
        if one.default_factory is not dataclasses.MISSING:
            names |= {f"_make_{name}": one.default_factory, "_given": _GIVEN}
            value = f"_make_{name}() if {name} is _given else {name}" if one.init else f"_make_{name}()"
            parameters += [f"{name}=_given"] if one.init else []
        elif one.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = one.default
            value = name if one.init else f"_default_{name}"
            parameters += [f"{name}=_default_{name}"] if one.init else []
        elif one.init:
            parameters.append(name)
        else:
            continue
        # The slot's own setter: what is frozen refuses every other way, and it is the quicker one.
        names[f"_set_{name}"] = getattr(cls, name).__set__
        lines.append(f"_set_{name}(self, {value})" if frozen else f"self.{name} = {value}")
    lines += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    return _written("__init__", parameters, lines or ["pass"], names)


def _repr(cls: Any) -> Callable[..., Any]:
    shown = [one.name for one in dataclasses.fields(cls) if one.repr]
    text = ", ".join(f"{name}={{self.{name}!r}}" for name in shown)
    return _written("__repr__", ["self"], [f'return f"{{type(self).__qualname__}}({text})"'], {})


def _eq(cls: Any) -> Callable[..., Any]:
    compared = [one.name for one in dataclasses.fields(cls) if one.compare]
    mine, other = (_tuple(who, compared) for who in ("self", "other"))
    lines = [
        "if other.__class__ is not self.__class__:",
        "    return NotImplemented",
        f"return {mine} == {other}",
    ]
    return _written("__eq__", ["self", "other"], lines, {})


def _hash(cls: Any) -> Callable[..., Any]:
    hashed = [one.name for one in dataclasses.fields(cls) if (one.compare if one.hash is None else one.hash)]
    return _written("__hash__", ["self"], [f"return hash({_tuple('self', hashed)})"], {})


def _tuple(who: str, names: list[str]) -> str:
    return "(" + "".join(f"{who}.{name}, " for name in names) + ")"


def _written(
    name: str, parameters: list[str], lines: list[str], names: dict[str, object]
) -> Callable[..., Any]:
    exec(f"def {name}({', '.join(parameters)}):\n" + "".join(f"    {line}\n" for line in lines), names)
    return names[name]  # type: ignore[return-value]  # what was just defined


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
