"""YAML with lines: what cannot grow, what is not constructed, and where a value stands."""

import pytest

from telemetry.evidence import ParseError
from telemetry.parsers.yaml_text import YAML_BYTES, YamlText


def test_lines_are_true_with_crlf_a_byte_order_mark_and_wide_characters() -> None:
    document = YamlText("\ufeff# \U0001f600\r\na: é\r\nb:\r\n  - x\r\n".encode())
    entries = document.members(document.start)
    assert [(entry.key, document.line(entry.at)) for entry in entries] == [("a", 2), ("b", 3)]
    assert document.line(document.members(entries[1].value_at)[0].at) == 4


def test_keys_are_their_text() -> None:
    document = YamlText(b"on: push\n8080: yes\n")
    assert [(entry.key, entry.value) for entry in document.members(document.start)] == [("on", "push"), ("8080", True)]


def test_aliases_do_not_grow() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    document = YamlText(f"a0: &a0 [x]\n{levels}".encode())
    assert len(document.members(document.start)) == 30


def test_a_merge_is_followed_once() -> None:
    document = YamlText(b"x: &x {<<: {deep: 1}, near: 2}\ny:\n  <<: *x\n  own: 3\n")
    merged = document.members(document.members(document.start)[1].value_at)
    assert [entry.key for entry in merged] == ["near", "own"]


def test_tags_construct_nothing() -> None:
    document = YamlText(b"a: !!python/object/apply:os.system ['true']\n")
    assert document.members(document.start)[0].value == []


@pytest.mark.parametrize("raw", [b"[" * 5_000, b"a: 1\n---\nb: 2\n", b"a: \x01\n", b"x" * (YAML_BYTES + 1)])
def test_what_no_export_writes_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        YamlText(raw)
