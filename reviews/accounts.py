"""Who may have an account: only whom an administrator made one for."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

WRONG = "Name and password do not fit. Capital letters count; if you forgot the password, ask for a new one below."


class NoSignup(DefaultAccountAdapter):
    """Accounts are made by an administrator; the sign-up page is closed. What is refused says what to do."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": "Too many failed sign-ins with this name. Wait five minutes, then try again.",
        "account_inactive": "This account is switched off. Ask your administrator.",
        "rate_limited": "Too many tries. Wait a minute, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactor(DefaultMFAAdapter):
    """The second factor in words that say what to do."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right or too old. Wait for the next one and type that.",
    }


class NoSocialSignup(DefaultSocialAccountAdapter):
    """Single sign-on opens an account that exists; it does not make one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
