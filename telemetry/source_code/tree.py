"""Syntax trees by tree-sitter, loaded when the first source is read, within bounds of time."""

import time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# A file of 256 KB takes 50 ms; one that takes longer than this makes the parser try in circles.
MAX_PARSE_S = 1.0


@lru_cache(maxsize=8)
def _parser(language: str) -> "Parser":
    """Imported here: loading four grammars takes 20 ms, which a review without source need not wait for."""
    import tree_sitter

    if language == "python":
        import tree_sitter_python as grammar

        pointer = grammar.language()
    elif language == "javascript":
        import tree_sitter_javascript

        pointer = tree_sitter_javascript.language()
    else:
        import tree_sitter_typescript

        typed = language == "typescript"
        pointer = tree_sitter_typescript.language_typescript() if typed else tree_sitter_typescript.language_tsx()
    return tree_sitter.Parser(tree_sitter.Language(pointer))


def root_of(text: bytes, language: str) -> "Node | None":
    """The root of a file's tree, which may hold errors; None when parsing it took longer than MAX_PARSE_S."""
    parser = _parser(language)
    end = time.monotonic() + MAX_PARSE_S

    def read(offset: int, _: object) -> bytes:
        return text[offset : offset + 65_536]

    try:
        tree = parser.parse(read, progress_callback=lambda *_: time.monotonic() > end)
    except ValueError:  # "Parsing failed": it was stopped
        parser.reset()
        return None
    return tree.root_node
