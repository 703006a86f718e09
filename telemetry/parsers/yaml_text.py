"""A YAML document that can say on which line a value stands, walked like `JsonText`.

Nothing is constructed from tags: collections are walked as nodes, scalars are read by their plain YAML meaning, so a
document can neither name a class nor grow by its aliases.
"""

import re
from typing import Any

import yaml

from telemetry.evidence import ParseError
from telemetry.parsers.readers import JsonText, Member

# About three seconds of libyaml; the largest published OpenAPI description (GitHub's) has 9 MB.
YAML_BYTES = 16 * 1024 * 1024
MAX_MERGED = 1_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRUE = frozenset({"true", "yes", "on"})


class YamlText(JsonText):
    """Offsets are characters of the text. A key is its text ("on", "8080"), a value a scalar, or {} or [] in place of
    what `members` walks. ParseError when the YAML is broken, above 16 MB, or holds several documents.
    """

    def __init__(self, raw: bytes) -> None:
        if len(raw) > YAML_BYTES:
            raise ParseError(f"The YAML is larger than {YAML_BYTES // 1_048_576} MB; send it as JSON.")
        self._nodes: dict[int, yaml.CollectionNode] = {}
        super().__init__(raw)
        self.start = min(self._nodes, default=self.start)

    def _document(self) -> Any:
        if not self.text.strip():
            raise ParseError("The file is empty; send what the export command writes.", 1)
        try:
            root = yaml.compose(self.text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            said = re.sub(r"[^\w ,'\"<>-]", "?", str(error.problem))[:120]
            raise ParseError(f"The YAML is broken or cut short: {said}; export it again.", line) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise ParseError("The YAML holds characters or a nesting that no export writes.") from error
        return None if root is None else self._value(root)

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.CollectionNode):
            self._nodes[node.start_mark.index] = node
            return {} if isinstance(node, yaml.MappingNode) else []
        kind, text = node.tag.rpartition(":")[2], str(node.value)
        if kind == "bool":
            return text.lower() in _TRUE
        if kind == "null":
            return None
        if kind == "int" and re.fullmatch(r"[+-]?\d{1,18}", text):
            return int(text)
        return text

    def members(self, at: int) -> list[Member]:
        """The entries of the mapping or sequence that starts at an offset, merge keys followed once."""
        node = self._nodes.get(at)
        if isinstance(node, yaml.SequenceNode):
            return [self._entry(str(index), one, one) for index, one in enumerate(node.value)]
        found: list[Member] = []
        for key, value in node.value if node else []:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name == "<<":
                found = [*self._merged(value), *found]
            else:
                found.append(self._entry(name, key, value))
        return found

    def _entry(self, name: str, key: yaml.Node, value: yaml.Node) -> Member:
        return Member(name, self._value(value), key.start_mark.index, value.start_mark.index)

    def _merged(self, value: yaml.Node) -> list[Member]:
        """Entries of `<<: *anchor`, or of a list of them, without merge keys of their own."""
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        return [
            self._entry(str(key.value), key, one)
            for source in sources[:10]
            if isinstance(source, yaml.MappingNode)
            for key, one in source.value[:MAX_MERGED]
            if isinstance(key, yaml.ScalarNode) and key.value != "<<"
        ]
