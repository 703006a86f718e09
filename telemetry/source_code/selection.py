"""Which files of an archive or folder are source code, which may be exports, and which are neither.

A repository is recognised by what it holds, not by its name: any file in a language that is read. Around it stand files
that no review needs (pictures, lock files, tests); they are counted, never opened. Files beside the repository, and
those in it that a parser claims (a schema, a Dockerfile, a log that was put there), are read as they always were.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

LANGUAGES = {
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    **dict.fromkeys((".tsx",), "tsx"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    ".py": "python",
}
_NEVER = frozenset({"node_modules", "__pycache__", "bower_components", "site-packages", "venv", "virtualenv"})
# Built or copied code, not what the team writes; only inside a repository, a client may call a folder "build".
_BUILT = frozenset({"dist", "build", "out", "vendor", "vendors", "coverage", "target", "storybook-static", "htmlcov"})
# What a browser loads as it lies there.
_SERVED = frozenset({"static", "public", "staticfiles", "assets", "static.dist"})
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|mocks|fixtures|__fixtures__|e2e|cypress|playwright|spec|specs|stories"
    r"|examples?|benchmarks?|testing)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest|tests)\.py\Z|\.(?:test|spec|stories|cy|e2e|bench)\.[cm]?[jt]sx?\Z"
)
_GENERATED = re.compile(
    r"\.d\.[cm]?ts\Z|\.min\.[cm]?js\Z|(?:^|/)(?:generated|__generated__|\.prisma)/|_pb2(?:_grpc)?\.py\Z"
)
_LOCKS = frozenset(
    {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "npm-shrinkwrap.json", "bun.lock", "bun.lockb", "uv.lock"}
    | {"poetry.lock", "pipfile.lock", "pdm.lock", "gemfile.lock", "composer.lock", "cargo.lock", "go.sum"}
)
_MARKERS = frozenset(
    {"package.json", "pyproject.toml", "requirements.txt", "manage.py", "setup.py", "setup.cfg", "pipfile"}
    | {"tsconfig.json", "schema.prisma", "deno.json", "vercel.json", "gemfile"}
)
_OTHER = frozenset(
    {
        ".md",
        ".mdx",
        ".rst",
        ".adoc",
        ".html",
        ".htm",
        ".ejs",
        ".hbs",
        ".pug",
        ".njk",
        ".mjml",
        ".vue",
        ".svelte",
        ".astro",
    }
    | {
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".svg",
        ".ico",
        ".webp",
        ".avif",
        ".bmp",
        ".tif",
        ".tiff",
        ".psd",
        ".ai",
        ".fig",
    }
    | {".css", ".scss", ".sass", ".less", ".styl", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".webm"}
    | {
        ".mov",
        ".avi",
        ".wav",
        ".ogg",
        ".pdf",
        ".doc",
        ".docx",
        ".ppt",
        ".pptx",
        ".key",
        ".map",
        ".lock",
        ".snap",
        ".pyc",
    }
    | {
        ".so",
        ".dll",
        ".exe",
        ".bin",
        ".wasm",
        ".class",
        ".jar",
        ".po",
        ".mo",
        ".pot",
        ".rb",
        ".erb",
        ".go",
        ".rs",
        ".java",
    }
    | {
        ".kt",
        ".swift",
        ".c",
        ".h",
        ".cc",
        ".cpp",
        ".hpp",
        ".cs",
        ".php",
        ".ex",
        ".exs",
        ".scala",
        ".lua",
        ".sh",
        ".bash",
    }
    | {".ps1", ".bat", ".cmd", ".graphql", ".gql", ".proto", ".ipynb", ".pem", ".crt", ".cer", ".p12", ".tsbuildinfo"}
)

TESTS, OTHER, BUILT, LOCKS = "tests and examples", "documents, pictures and other languages", "built", "lock files"


@dataclass(slots=True)
class Chosen:
    """Places of members: `source` in order of their paths, `exports` that are read whatever they are, `candidates` that
    are read if a parser claims them. `skipped` counts the others by reason."""

    source: list[int] = field(default_factory=list)
    exports: list[int] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def language_of(path: str) -> str | None:
    """The language of a source file, None for any other file."""
    return LANGUAGES.get(PurePosixPath(path.lower()).suffix)


def never_read(folder: str) -> bool:
    """Whether a folder holds installed packages, never a client's own files."""
    return folder in _NEVER


def choose(names: Sequence[str]) -> Chosen | None:
    """Sort the members of an archive or folder; None when it holds no source, and is thus no repository."""
    if not any(language_of(name) and not _is_never(name) for name in names):
        return None
    roots = _roots(names)
    chosen = Chosen()
    for at, name in enumerate(names):
        _place(at, name, name.startswith(roots) if roots else False, chosen)
    chosen.source.sort(key=names.__getitem__)
    return chosen


def _is_never(name: str) -> bool:
    return not _NEVER.isdisjoint(name.split("/")[:-1])


def _roots(names: Sequence[str]) -> tuple[str, ...]:
    """The folders that hold a repository ("" for the top), by the files that tools look for."""
    found = {name.rpartition("/")[0] for name in names if name.rpartition("/")[2].lower() in _MARKERS}
    return tuple(f"{folder}/" if folder else "" for folder in found)


def _place(at: int, name: str, inside: bool, chosen: Chosen) -> None:
    path = PurePosixPath(name.lower())
    folders = path.parts[:-1]
    served = path.suffix == ".js" and not _SERVED.isdisjoint(folders)
    if _is_never(name) or (inside and (served or not _BUILT.isdisjoint(folders))) or _GENERATED.search(name):
        chosen.skipped[BUILT] += 1
    elif (inside or language_of(name)) and _TESTS.search(name.lower()):
        chosen.skipped[TESTS] += 1
    elif language_of(name):
        chosen.source.append(at)
    elif not inside:
        chosen.exports.append(at)
    elif path.name in _LOCKS:
        chosen.skipped[LOCKS] += 1
    elif path.suffix in _OTHER and not path.name.startswith(("dockerfile", ".env.")):
        chosen.skipped[OTHER] += 1
    else:
        chosen.candidates.append(at)
