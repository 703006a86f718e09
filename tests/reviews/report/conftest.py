"""Reports that several tests read, rendered once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pypdf
import pytest

from reviews.report.render import RenderedPdf, render_pdf
from tests.reviews.report.document import make_brand, make_document


def squeezed(text: str) -> str:
    """Text without any white space: where a line breaks is not what these tests are about."""
    return re.sub(r"\s+", "", text)


def words_of(pdf: bytes) -> str:
    """All text of a PDF, without white space."""
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


@pytest.fixture(scope="session")
def report() -> RenderedPdf:
    """Eight findings in our own look."""
    return render_pdf(make_document(8), make_brand())


@pytest.fixture(scope="session")
def says(report: RenderedPdf) -> Callable[[str], bool]:
    """Whether the report of eight findings prints a text, wherever its lines break."""
    printed = words_of(report.pdf)
    return lambda text: squeezed(text) in printed
