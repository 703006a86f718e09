"""What a browser may do with a page of ours, and a page where the framework would show an empty one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from reviews.views.errors import wrong_method

Respond = Callable[[HttpRequest], HttpResponse]

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The admin frame is driven by Alpine, which compiles the expressions in its attributes (needs unsafe-eval), and prints
# the theme's colours as a <style> element (needs unsafe-inline for styles). Scripts still come only from our files.
WORKSPACE = STRICT.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
STRICT_PATHS = ("/portal/", "/accounts/", "/healthz")


class ContentSecurity:
    """Sets the Content-Security-Policy by path: strict where clients and strangers are, wider in the admin frame."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = STRICT if request.path.startswith(STRICT_PATHS) else WORKSPACE
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


class NoStore:
    """Keeps pages about a client out of every cache, so that "back" after signing out shows nothing."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class WrongMethod:
    """A page for a person who opens the address of a form, where the framework answers with nothing at all."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = wrong_method(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page
