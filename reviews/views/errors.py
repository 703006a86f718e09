"""Pages for what went wrong. They never say whether the thing exists for somebody else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what is not there and for what is not yours."""
    return render(request, "error.html", {"code": 404, "headline": "There is no such page for you."}, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """You may look but not touch; the exception's words say what to do."""
    return render(
        request, "error.html", {"code": 403, "headline": str(exception) or "You may not do this."}, status=403
    )


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return render(
        request, "error.html", {"code": 500, "headline": "Something broke on our side. Try again."}, status=500
    )
