"""Where our accounts differ from those of a site that anybody may join: addresses and passwords are an admin's."""

from allauth.account.views import PasswordResetView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; where no mail leaves this server, say who can help instead."""
    if settings.EMAIL_HOST:
        answer: HttpResponse = PasswordResetView.as_view()(request)
        return answer
    return _no_mail(request)


@require_safe
def _no_mail(request: HttpRequest) -> HttpResponse:
    return render(request, "account/no_mail.html")


def email_addresses(request: HttpRequest) -> HttpResponse:
    """An address decides who is signed in by single sign-on: nobody gives himself another one."""
    raise Http404
