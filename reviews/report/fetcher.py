"""The only way the renderer reaches anything: a table of bytes that were handed in."""

from __future__ import annotations

from collections.abc import Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse


class Refused(ValueError):
    """An address that is not in the table; the renderer turns it into a warning and draws nothing."""


class AssetFetcher(URLFetcher):
    """Serves `asset:` addresses from memory and refuses every other scheme, including `data:`.

    `open` is closed too: WeasyPrint's own fetcher would follow redirects through it.
    """

    def __init__(self, held: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(allowed_protocols=("asset",), allow_redirects=False)
        self._held = held

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The asset with this address, or `Refused`."""
        if url not in self._held:
            raise Refused(f"not handed in: {url[:120]}")
        kind, content = self._held[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})

    def open(self, *args: object, **kwargs: object) -> None:
        """Never: nothing is opened, only looked up."""
        raise Refused("opening addresses is closed")
