"""The admin's sign-in is the workspace's own, with its second factor."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reviews.access import is_consultant


def staff_login(request: HttpRequest) -> HttpResponse:
    """Strangers sign in first; for a client's reader there is no admin."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
    if not is_consultant(request.user):
        raise Http404
    return redirect("admin:index")
