"""A Prisma schema, whole or one file of a folder: models as tables, relations as foreign keys, @@index as indexes.

A document of at most 64 MB.
"""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import schema_evidence
from telemetry.parsers.base import Parser
from telemetry.parsers.prisma_blocks import Block, Blocks
from telemetry.parsers.prisma_models import column_names, read_model, table_names
from telemetry.parsers.readers import reject_line
from telemetry.parsers.schema_model import Schema
from telemetry.source import Head, Source

HOW = "Send prisma/schema.prisma, or every .prisma file of the folder, as they are."
_MODEL = re.compile(
    r"^[ \t]*(?:model|view)[ \t]+\w+[ \t]*\{[ \t\r]*(?://[^\n]*)?\n(?:[ \t\r]*(?://[^\n]*)?\n)*+[ \t]*"
    r"(?:@@\w+|\w+[ \t]+\w+(?:\?|\[\])?[ \t]*(?:@|//|\r?\n))",
    re.M,
)
_ENUM = re.compile(r"^[ \t]*enum[ \t]+\w+[ \t]*\{[^}]{0,600}?@@?map\(", re.M)
_SOURCE = re.compile(
    r'^[ \t]*(?:datasource|generator)[ \t]+\w+[ \t]*\{[ \t\r]*\n[^}]{0,400}?\bprovider[ \t]*=[ \t]*(?:"|env\()', re.M
)
# One of these words stands in what an expression finds; asking for them first is far cheaper.
_MARKS = (
    (_MODEL, ("model ", "model\t", "view ", "view\t")),
    (_SOURCE, ("datasource", "generator")),
    (_ENUM, ("@map(",)),
)
_PROVIDER = re.compile(r'provider\s*=\s*"(\w+)"')
_POSTGRES = frozenset({"postgresql", "postgres", "cockroachdb"})


def sniff(head: Head) -> bool:
    """Claim text with a model whose lines are `name Type`, a datasource or generator, or an enum with @map."""
    text = head.text
    if "{" not in text or text.lstrip().startswith(("{", "[", "<")):
        return False
    return any(mark.search(text) for mark, words in _MARKS if any(word in text for word in words))


def parse(source: Source) -> ParseResult:
    """A row for each model, relation and index; ParseError when no block of Prisma is found."""
    result, schema = ParseResult(carrier="prisma"), Schema()
    blocks = Blocks(_lines(source))
    found = list(blocks)
    models = [block for block in found if block.kind in ("model", "view") and not _ignored(block)]
    enums = sum(block.kind == "enum" for block in found)
    if not models and not enums and not any(block.kind in ("datasource", "generator") for block in found):
        raise ParseError(f"No model stands in this file. {HOW}", 1)
    _refuse_provider(found)
    tables, columns = table_names(models), {model.name: column_names(model) for model in models}
    unread = blocks.unread
    for model in models:
        unread += read_model(model, schema, tables, columns)
    for line, text in sorted(unread):
        reject_line(line, text.rstrip("\r"), result)
    result.records = len(models) + enums
    result.lines, result.blank = blocks.last, blocks.blank
    result.records_lines = result.lines - result.blank - result.rejected
    _finish(result, schema, found, len(models), enums)
    return result


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    lines = source.read().decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    if not lines[-1]:
        lines.pop()
    return enumerate((line.rstrip("\r") for line in lines), 1)


def _ignored(block: Block) -> bool:
    return any(text.startswith("@@ignore") for _, text in block.entries)


def _setting(blocks: list[Block], pattern: re.Pattern[str]) -> str:
    texts = [text for block in blocks if block.kind == "datasource" for _, text in block.entries]
    return next((found[1] for text in texts if (found := pattern.search(text))), "")


def _refuse_provider(blocks: list[Block]) -> None:
    provider = _setting(blocks, _PROVIDER)
    if provider and provider not in _POSTGRES:
        raise ParseError(f"This schema is for {provider}; only PostgreSQL is read. {HOW}", 1)


def _finish(result: ParseResult, schema: Schema, blocks: list[Block], models: int, enums: int) -> None:
    whole = any(block.kind == "datasource" for block in blocks)
    if not whole:
        result.notes.append("One file of a schema without its datasource: models of other files are not seen.")
    if _setting(blocks, re.compile(r'relationMode\s*=\s*"(prisma)"')):
        result.notes.append("relationMode is prisma: the database has no foreign keys, and no index is made for them.")
    if not models:
        result.notes.append("No model stands in this file: send every other .prisma file of the folder too.")
    result.notes.append("The schema file shows what is meant; pg_dump --schema-only shows what the database has.")
    schema_evidence.add_evidence(schema, result, whole)
    result.totals = {
        "models": models,
        "enums": enums,
        "indexes": sum(not index.unique for index in schema.indexes),
        "uniques": sum(index.unique and not index.primary for index in schema.indexes),
    }
    result.enables = ["Relations without an index, models without a key", "Indexes that do the same work twice"]


PARSER = Parser(
    id="prisma-schema",
    title="Prisma schema",
    how_to_export="zip -r prisma.zip prisma -i '*.prisma'",
    looks_for='blocks such as "model Order { id Int @id }"',
    kinds=schema_evidence.KINDS,
    sniff=sniff,
    parse=parse,
)
