"""The payment provider, seen from the shop: a call that takes its time and sometimes never answers.

The provider is the one part of the run that is imitated: `charge` sleeps for as long as a call would take.
"""

import random
import time

ANSWER_LIMIT_S = 1.5
_MEDIAN_S = 0.22
_SPREAD = 0.35
_SILENT_SHARE = 0.03


class PaymentTimeout(RuntimeError):
    """The provider did not answer within `ANSWER_LIMIT_S` seconds."""


def charge(chance: random.Random) -> None:
    """Wait for the provider's answer; PaymentTimeout when none came in time."""
    if chance.random() < _SILENT_SHARE:
        time.sleep(ANSWER_LIMIT_S)
        raise PaymentTimeout(f"PaymentTimeout: no answer from payments within {ANSWER_LIMIT_S * 1000:.0f} ms")
    time.sleep(min(chance.lognormvariate(0, _SPREAD) * _MEDIAN_S, ANSWER_LIMIT_S))


def look_up(seconds: float) -> None:
    """Ask the provider for a charge or a refund, which takes `seconds`."""
    time.sleep(seconds)
