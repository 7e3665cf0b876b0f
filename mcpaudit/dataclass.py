"""`dataclass` as the standard library has it, without the time that it takes for classes that are not used.

The standard one writes and compiles up to seven methods a class while it is imported; for the hundreds of
classes here that was a sixth of a short audit. Here `__init__` is compiled when the first instance is made,
and the others need no compiling. Fields, slots, `replace` and matching are the standard library's own.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

_NOT_GIVEN = object()
"""The default of a parameter whose value a factory makes."""


def _dataclass(
    bare: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, **others: bool
) -> Any:
    """A decorator; what has no slots, or an option that is rare here, is left to the standard library."""
    if bare is not None:
        return dataclasses.dataclass(bare)
    if others or not slots:
        return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, **others)

    def made(cls: type) -> Any:
        own = {name for name, value in cls.__dict__.items() if value is not None}
        # The standard one is told only where it would refuse otherwise: below another frozen class.
        told = frozen and dataclasses.is_dataclass(cls)
        new: Any = dataclasses.dataclass(init=False, repr=False, eq=False, frozen=told, slots=True)(cls)
        new.__dataclass_params__.frozen = frozen
        methods: dict[str, object] = {"__init__": _first_init(new, frozen), "__repr__": _repr}
        if eq:
            methods |= _comparing([one.name for one in dataclasses.fields(new) if one.compare], frozen)
        if frozen:
            methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
            methods |= {"__getstate__": _state, "__setstate__": _restore}
        for name in methods.keys() - own:
            setattr(new, name, methods[name])
        return new

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass


def _first_init(cls: Any, frozen: bool) -> Callable[..., None]:
    """An `__init__` that writes the real one in its own place, then calls it."""

    def init(self: Any, *values: Any, **named: Any) -> None:
        cls.__init__ = _init(cls, frozen)
        cls.__init__(self, *values, **named)

    return init


def _init(cls: Any, frozen: bool) -> Callable[..., None]:
    parameters, lines, names = ["self"], [], dict[str, Any]()
    for one in dataclasses.fields(cls):
        name = value = one.name
        if one.default_factory is not dataclasses.MISSING:
            names |= {f"make_{name}": one.default_factory, "not_given": _NOT_GIVEN}
            value = f"make_{name}() if {name} is not_given else {name}" if one.init else f"make_{name}()"
        elif one.default is not dataclasses.MISSING:
            names[f"default_{name}"] = one.default
            value = name if one.init else f"default_{name}"
        elif not one.init:
            continue
        if one.init:
            default = "not_given" if f"make_{name}" in names else f"default_{name}"
            parameters.append(f"{name}={default}" if default in names else name)
        # The slot's own setter: what is frozen refuses every other way, and it is the quicker one.
        names[f"set_{name}"] = getattr(cls, name).__set__
        lines.append(f"set_{name}(self, {value})" if frozen else f"self.{name} = {value}")
    lines += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    exec(f"def __init__({', '.join(parameters)}):\n    " + "\n    ".join(lines or ["pass"]), names)
    names["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return names["__init__"]  # type: ignore[no-any-return]  # what was just defined


def _comparing(names: list[str], frozen: bool) -> dict[str, object]:
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed if frozen else None}


def _repr(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    """Fill a copy, such as one for another process, past the refusal."""
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)
