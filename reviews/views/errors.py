"""What went wrong, in words that say what to do. They never say whether the thing exists for somebody else.

A person gets a page. A fragment that htmx asked for gets the words alone: the page shows them above what was typed.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

SIGNED_OUT = "You are signed out. Sign in again in another tab and repeat this here; what you typed stays."
GONE = "This is no longer there. Reload the page to see what is."
FORGED = "This form is older than your sign-in. Nothing was saved: go back, reload the page and send it again."
WRONG_METHOD = "This address takes a form and shows no page."
BROKEN = "Something broke on our side. Nothing was saved; try again."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent cannot be taken as it is."""
    return _answer(request, 400, _too_much(exception) or "The server cannot read what was sent. Go back and try again.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what is not there and for what is not yours."""
    return _answer(request, 404, "There is no such page for you.", SIGNED_OUT if _signed_out(request) else GONE)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """You may look but not touch; the exception's words say what to do."""
    words = str(exception) or "You may not do this. Ask an admin if you should."
    return _answer(request, 403, words, f"{words} Nothing was saved.")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: mostly one that stood open while its owner signed in again."""
    return _answer(request, 403, FORGED, SIGNED_OUT if _signed_out(request) else FORGED)


def wrong_method(request: HttpRequest) -> HttpResponse:
    """An address of a form, opened as a page: mostly a reload after an answer that was not saved."""
    return _answer(request, 405, WRONG_METHOD)


def too_many(request: HttpRequest) -> HttpResponse:
    """More tries in a short time than a person makes; the sign-in counts them."""
    return _answer(request, 429, "Too many tries in a short time. Wait a minute, then try again.")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The page asks for nothing that could be broken too, such as who is signed in."""
    if _by_htmx(request):
        return _words(500, BROKEN)
    return HttpResponse(render_to_string("error.html", {"code": 500, "headline": BROKEN}), status=500)


def _answer(request: HttpRequest, code: int, headline: str, words: str = "") -> HttpResponse:
    if _by_htmx(request):
        return _words(code, words or headline)
    context = {"code": code, "headline": headline, "sign_in": _sign_in(request) if _signed_out(request) else ""}
    return render(request, "error.html", context, status=code)


def _words(code: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=code, content_type="text/plain; charset=utf-8")


def _too_much(exception: Exception) -> str:
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return f"These are more than {most} files at once. Pack them into one zip, or send them in several goes."
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        return f"The text in this form is longer than {most:,} KB. Shorten it and send it again."
    if isinstance(exception, TooManyFieldsSent):
        return "This form has more fields than the server takes. Reload the page and send it again."
    return ""


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _signed_out(request: HttpRequest) -> bool:
    """Whether nobody is signed in. A request that failed before that was looked up says nothing."""
    return hasattr(request, "user") and not request.user.is_authenticated


def _sign_in(request: HttpRequest) -> str:
    """The sign-in that leads back here: a page that is read, not a form that would be sent again empty."""
    back = {"next": request.get_full_path()} if request.method in ("GET", "HEAD") else {}
    return f"{reverse('account_login')}?{urlencode(back)}" if back else reverse("account_login")
