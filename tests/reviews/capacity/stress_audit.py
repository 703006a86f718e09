"""The stress audit's own figures (seed S3, sections 1 and 2), as an intake: a shop of sellers with campaigns."""

from reviews.intake import Intake, parse_intake

TOML = """
[engagement]
client = "PixEcom"
title = "Stress audit"
stack = ["postgres", "redis", "bullmq"]

[[driver]]
name = "campaigns"
current = 500
target = 10000
growth_per_month = 0.2

[[driver]]
name = "requests"
current = 100

[[resource]]
name = "connection pool"
kind = "level"
component = "postgres"
critical = true
driver = "requests"
capacity = 10
per = [0.0667, 0.1]             # 20 to 30 requests at once, a third of each in the database
unit = "connections"

[[resource]]
name = "stats worker"
kind = "window"
component = "queue stats-sync"
critical = true
driver = "campaigns"
capacity = 300
slots = 5
hold_s = [0.2, 1.5]

[[resource]]
name = "memory of the server"
kind = "level"
component = "host"
critical = true
driver = "campaigns"
capacity = 4096
fixed = 2500
per = 0.12
unit = "MB"

[[resource]]
name = "payments"
kind = "quota"
component = "third party payments"
driver = "requests"
capacity = 3000
per = 4.167                     # 50,000 orders a day at five times the load are 2,083 an hour
peak_factor = 1.68
when_full = "duplicates data"

[[scenario]]
name = "A"
title = "100 sellers, 500 campaigns"
factor = 1

[[scenario]]
name = "B"
title = "1,000 sellers, 10,000 campaigns"
drivers = { campaigns = 10000, requests = 1000 }
inputs = { "resource.stats worker.hold_s" = 1.5 }

[[scenario]]
name = "C"
title = "Black Friday"
drivers = { requests = 500 }
event_hours = 24
"""


def audit() -> Intake:
    """The audited system as its owner described it."""
    return parse_intake(TOML)
