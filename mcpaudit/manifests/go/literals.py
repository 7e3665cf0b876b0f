"""Literals of lists, tables and structs."""

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.core import MAX_LIST, Core
from mcpaudit.manifests.go.values import UNKNOWN, Env, Struct, TypeName


class Literals(Core):
    """The part that builds what literals stand for."""

    def literal(self, body: Node | None, shape: Node | None, env: Env) -> object:
        """What a literal of a type stands for: a list, a table, a struct."""
        if body is None or shape is None:
            return UNKNOWN
        if shape.type in ("slice_type", "array_type", "implicit_length_array_type"):
            return self._items(body, syntax.field(shape, "element"), env)
        if shape.type == "map_type":
            return self._map(body, syntax.field(shape, "value"), env)
        name = self.project.type_name(shape, env.file)
        found = self.project.declared(name)
        if found is not None and found.type is not None and found.type.type in ("slice_type", "map_type"):
            return self.literal(body, found.type, Env(found.file, env))
        if name is None and shape.type == "struct_type":
            name = TypeName("", "")
        if found is None and name and (body.named_children and _keyed_by_text(body)):
            return self._map(body, None, env)
        return self.struct(body, name, env) if name else UNKNOWN

    def _element(self, node: Node, shape: Node | None, env: Env) -> object:
        inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
        if inner.type == "literal_value":
            bare = shape
            while bare is not None and bare.type == "pointer_type" and bare.named_children:
                bare = bare.named_children[0]
            return self.literal(inner, bare, env)
        return self.value(inner, env)

    def _items(self, body: Node, shape: Node | None, env: Env) -> list[object]:
        found: list[object] = []
        for item in syntax.listed(body)[:MAX_LIST]:
            one = item.named_children[-1] if item.type == "keyed_element" and item.named_children else item
            found.append(self._element(one, shape, env))
        return found

    def _map(self, body: Node, shape: Node | None, env: Env) -> dict[object, object]:
        found: dict[object, object] = {}
        for item in syntax.listed(body)[:MAX_LIST]:
            if item.type == "keyed_element" and len(item.named_children) >= 2:
                key = self.value(item.named_children[0], env)
                value = self._element(item.named_children[-1], shape, env)
                if isinstance(key, str | int | bool):
                    found[key] = value
        return found

    def struct(self, body: Node, name: TypeName | None, env: Env) -> object:
        """A struct with the fields that are written."""
        if name is None:
            return UNKNOWN
        made = Struct(self.project.resolved(name) or name, {}, env.file, body, born=self.born())
        members = self.project.members(name)
        declared = self.project.declared(name)
        shapes = {one.name: one.type for one in members}
        # The types of a struct's fields are named as its own file names them.
        there = Env(declared.file, env) if declared else env
        for at, item in enumerate(syntax.listed(body)[:MAX_LIST]):
            parts = item.named_children
            if item.type == "keyed_element" and len(parts) >= 2:
                key, node = syntax.text(parts[0]), parts[-1]
            else:
                key, node = members[at].name if at < len(members) else str(at), item
            inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
            if inner.type == "literal_value":
                made.fields[key] = self._element(inner, shapes.get(key), there)
            else:
                made.fields[key], made.notes[key] = self.noted(inner, env)
        self.made(made, env)
        return made


def _keyed_by_text(body: Node) -> bool:
    first = syntax.listed(body)[0] if syntax.listed(body) else None
    key = first.named_children[0] if first is not None and first.type == "keyed_element" else None
    inner = key.named_children[0] if key is not None and key.named_children else None
    return inner is not None and inner.type.endswith("string_literal")
