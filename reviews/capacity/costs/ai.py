"""What an action of the product costs in calls of a language model: as billed, or as tokens times price."""

from collections.abc import Callable, Iterable

from reviews.capacity.catalogue import need_of
from reviews.capacity.cells import Machine, cell
from reviews.capacity.costs.money import MONEY, figure_of, product, quotient, total
from reviews.capacity.inputs import Figure, Input, Inputs, worst

ACTIONS, CALLS = "ai.actions_per_month", "ai.calls_per_action"
TOKENS_IN, TOKENS_OUT = "ai.input_tokens_per_action", "ai.output_tokens_per_action"
PRICE_IN, PRICE_OUT = "ai.price_in", "ai.price_out"
_MILLION = 1_000_000
_REQUESTS = ".requests"


def ai_cost(inputs: Inputs, monthly: Figure | None) -> Machine:
    """{"monthly": cell | None, "models": [..], "per_call": cell | None, "per_action": cell | None, "needs": [..]}

    `monthly` is what the area costs a month, by bills or price sheet. `models`: {"model", "requests",
    "cost_per_request", "share"} for each that the usage export counts with its cost; `share` is of the cost.
    `per_action` by the first way that is known: monthly cost ÷ actions; cost of a call × calls; tokens × price.
    `needs` is empty when it is known.
    """
    per_call = _per_call(inputs)
    ways: tuple[Callable[[], Figure | None], ...] = (
        lambda: _by_bill(inputs, monthly),
        lambda: _by_calls(inputs, per_call),
        lambda: _by_tokens(inputs),
    )
    per_action = next((figure for way in ways if (figure := way()) is not None), None)
    return {
        "monthly": cell(monthly) if monthly else None,
        "models": _models(inputs),
        "per_call": cell(per_call) if per_call else None,
        "per_action": cell(per_action) if per_action else None,
        "needs": [] if per_action else _needs(inputs, monthly, per_call),
    }


def models_of(inputs: Inputs) -> list[tuple[str, Input, Input]]:
    """(model, requests, cost of one) of every model that is known with both, the dearest in sum first."""
    found = []
    for entry in inputs.below("llm"):
        if entry.key.endswith(_REQUESTS) and entry.value > 0:
            name = entry.key[len("llm.") : -len(_REQUESTS)]
            each = inputs.get(f"llm.{name}.cost_per_request")
            if each is not None:
                found.append((name, entry, each))
    return sorted(found, key=lambda one: (-one[1].value * one[2].value, one[0]))


def _models(inputs: Inputs) -> list[Machine]:
    known = models_of(inputs)
    whole = sum(requests.value * each.value for _, requests, each in known)
    return [
        {
            "model": name,
            "requests": requests.value,
            "cost_per_request": cell(figure_of(each)),
            "share": requests.value * each.value / whole if whole else None,
        }
        for name, requests, each in known
    ]


def _per_call(inputs: Inputs) -> Figure | None:
    """Cost of all calls ÷ calls, over the models that are known with both."""
    known = models_of(inputs)
    if not known:
        return None
    calls = total([figure_of(requests) for _, requests, _ in known], "all requests")
    costs = [product(figure_of(requests), figure_of(each), MONEY, "") for _, requests, each in known]
    return quotient(total(costs, "cost of all requests"), calls, MONEY, "cost of all calls ÷ calls")


def _by_bill(inputs: Inputs, monthly: Figure | None) -> Figure | None:
    actions = inputs.get(ACTIONS)
    if monthly is None or actions is None:
        return None
    return quotient(monthly, figure_of(actions), MONEY, "cost of the models a month ÷ actions a month")


def _by_calls(inputs: Inputs, per_call: Figure | None) -> Figure | None:
    calls = inputs.get(CALLS)
    return (
        product(per_call, figure_of(calls), MONEY, "cost of a call × calls for an action")
        if per_call and calls
        else None
    )


def _by_tokens(inputs: Inputs) -> Figure | None:
    known = [inputs.get(key) for key in (TOKENS_IN, PRICE_IN, TOKENS_OUT, PRICE_OUT)]
    entries = [entry for entry in known if entry is not None]
    if len(entries) < len(known):
        return None
    sent, price_in, received, price_out = entries

    def cost(pick: Callable[[Input], float]) -> float:
        return (pick(sent) * pick(price_in) + pick(received) * pick(price_out)) / _MILLION

    return Figure(
        cost(lambda entry: entry.value),
        cost(lambda entry: entry.low),
        cost(lambda entry: entry.high),
        MONEY,
        worst(entry.grade for entry in entries),
        "tokens sent × price + tokens received × price",
        tuple(entry.key for entry in entries),
    )


def _needs(inputs: Inputs, monthly: Figure | None, per_call: Figure | None) -> list[str]:
    """What the way that is nearest to an answer lacks."""
    if monthly is not None:
        return [need_of(ACTIONS)]
    if per_call is not None:
        return [need_of(CALLS)]
    tokens: Iterable[str] = (key for key in (TOKENS_IN, PRICE_IN, TOKENS_OUT, PRICE_OUT) if inputs.get(key) is None)
    if inputs.get(TOKENS_IN) or inputs.get(TOKENS_OUT):
        return [need_of(key) for key in tokens]
    return ["the bill or the usage export of the provider of language models", need_of(ACTIONS)]
