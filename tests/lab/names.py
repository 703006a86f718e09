"""Names of tables, routes, keys and queues, drawn anew for every seed: nothing can be recognised by its name."""

import random
from dataclasses import dataclass

_THINGS = """
amber anchor apricot arbor atlas badge barrel basin beacon birch blanket bobbin bottle bramble bridge bucket canyon
carton cedar chisel cinder clover cobalt comet copper coral cradle crater dahlia dynamo ember falcon feather fennel
ferry flask fossil gadget garnet ginger glacier goblet granite hammer harbor hazel hinge indigo ingot jasper juniper
kettle lantern lattice ledger lilac locket magnet mantle marble meadow mirror mosaic nectar nickel nutmeg oyster
paddle pebble pepper pigeon pillar plume pocket prism quartz quiver raven ribbon rocket saddle saffron sapling
satchel shutter signal silver socket spindle sprocket summit tablet tassel thimble thistle timber tulip turbine
vessel violet walnut whistle willow zephyr
""".split()  # noqa: SIM905
_PREFIXES = ("/api", "/v1", "/api/v2", "/rest", "/svc")


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of one world are called; attributes are roles, values are drawn."""

    prefix: str
    parent: str  # who owns orders
    child: str  # the orders
    line: str  # lines of an order
    item: str  # the catalogue
    small: str  # a table of 200 rows
    counter: str  # one row that everybody counts in
    pay: str
    event: str  # an audit table that only grows
    mail: str  # queues
    hook: str
    cache: str  # key prefixes
    session: str
    report: str  # words in routes
    feed: str
    partner: str  # an external host

    def table(self, role: str) -> str:
        """The table of a role, plural."""
        return f"{getattr(self, role)}s"

    def key(self, role: str) -> str:
        """The column that points to a role's table."""
        return f"{getattr(self, role)}_id"

    def routes(self) -> dict[str, str]:
        """Route templates by what they do."""
        base = f"{self.prefix}/{self.child}s"
        return {
            "list": f"{self.prefix}/{self.parent}s/[id]/{self.child}s",
            "detail": f"{base}/[id]",
            "buy": base,
            "cancel": f"{base}/[id]/cancel",
            "item": f"{self.prefix}/{self.item}s/[id]",
            "items": f"{self.prefix}/{self.item}s",
            "feed": f"{self.prefix}/{self.feed}",
            "pages": f"{self.prefix}/back/{self.child}s",
            "report": f"{self.prefix}/back/{self.report}",
            "hook": f"{self.prefix}/hooks/{self.hook}",
            "partner": f"{self.prefix}/{self.partner}",
            "sign_in": f"{self.prefix}/sessions",
            "small": f"{self.prefix}/{self.small}s",
        }


def draw(seed: int) -> Names:
    """The names of a seed."""
    chance = random.Random(f"names {seed}")
    words = chance.sample(_THINGS, 15)
    return Names(chance.choice(_PREFIXES), *words)
