"""Kinds of evidence about routes, code and schema."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Route inventory. subject: route. attrs: type ("api" | "page"), webhook (bool), auth (bool), methods [text],
    # rendered ("static" | "ssg" | "dynamic" | "partial" | "edge" | "isr"),
    # frozen (bool: an API route made static)
    "route": {
        "listed": "1",
        "max_duration_s": "s",
        "revalidate_s": "s",
        "first_load_bytes": "bytes",
        "operations": "1",
    },
    # package.json. subject: "package". attrs: stack {package: version range}, node (range), build (the script)
    "repo.package": {
        "dependencies": "1",
        "dev_dependencies": "1",
        "scripts": "1",
        "tests": "1",  # 1 when there is a script that tests
        "migrates_in_build": "1",  # 1 when building also changes the database
    },
    # Dockerfile. subject: "Dockerfile". attrs: base (image of the last stage that is no stage itself)
    "repo.image": {
        "stages": "1",
        "root": "1",  # 1 when the last stage sets no user, or root
        "healthcheck": "1",  # 1 when there is one
        "loose_bases": "1",  # base images without a tag, or with latest
        "secrets": "1",  # values of settings that are named like secrets
    },
    # Compose file. subject: service. attrs: image
    "repo.service": {
        "listed": "1",
        "replicas": "1",
        "healthcheck": "1",  # 1 when there is one
        "memory_limit_bytes": "bytes",
        "restarts": "1",  # 1 when it is started again after a failure
        "ports": "1",
    },
    # GitHub Actions. subject: name of the workflow
    "repo.workflow": {
        "jobs": "1",
        "steps": "1",
        "actions": "1",
        "unpinned_actions": "1",  # not fixed to a commit
        "without_timeout": "1",  # jobs
        "environments": "1",  # jobs that name one, which may ask for approval
        "deploys": "1",  # steps that deploy
        "tests": "1",  # steps that test
        "migrates": "1",  # steps that change the database
        "concurrency": "1",  # 1 when runs wait for each other
        "cancels_running": "1",  # 1 when a new run stops the one before
    },
    # .env.example. subject: name of a setting. attrs: secret (bool, by its name), purpose ("database", "redis" ...)
    "repo.setting": {
        "listed": "1",
        "filled": "1",  # 1 when it has a value
        "exposed": "1",  # 1 when the value looks like a secret that works
    },
}
