"""The native libraries that WeasyPrint opens, and how each system calls their packages."""

import ctypes
import ctypes.util
import sys

# Names in the order WeasyPrint tries them (weasyprint/text/ffi.py): the linker's, Linux, macOS.
LIBRARIES = {
    "GLib": ("gobject-2.0-0", "gobject-2.0", "libgobject-2.0.so.0", "libgobject-2.0.dylib"),
    "Pango": ("pango-1.0-0", "pango-1.0", "libpango-1.0.so.0", "libpango-1.0.dylib"),
    "HarfBuzz": ("harfbuzz", "harfbuzz-0.0", "libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "fontconfig": ("fontconfig-1", "fontconfig", "libfontconfig.so.1", "libfontconfig.1.dylib"),
    "PangoFT2": ("pangoft2-1.0-0", "pangoft2-1.0", "libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
}
BREW_FOLDERS = ("/opt/homebrew/lib/", "/usr/local/lib/")


def missing_libraries() -> list[str]:
    """Names of the libraries that cannot be loaded; empty when PDFs can be made."""
    return [name for name, files in LIBRARIES.items() if not any(_loads(file) for file in files)]


def _loads(name: str) -> bool:
    folders = ("", *BREW_FOLDERS) if sys.platform == "darwin" else ("",)
    for folder in folders:
        try:
            ctypes.CDLL(folder + name)
        except OSError:
            continue
        return True
    return False


def main() -> int:
    """Print what is missing; 0 when nothing is."""
    missing = missing_libraries()
    print(", ".join(missing))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
