"""Which calls leave the process: HTTP, language models, e-mail, queues."""

import re
from dataclasses import dataclass

from telemetry.source_code.model import Call, Ref, SourceFile, Table
from telemetry.source_code.repo import Repository

_AXIOS = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "options"})
_LLM = re.compile(
    r"(?:chat\.completions|completions|responses|messages|embeddings|images|beta\.chat\.completions)\.(?:create|parse|generate)\Z"
    r"|\.generateContent\Z|\.generate_content\Z"
)
_LLM_CLIENT = re.compile(r"openai|anthropic|\bai\b|claude|gemini|genai|groq|mistral|llm", re.I)
_AI_SDK = frozenset({"generateText", "generateObject"})
_MAIL = re.compile(
    r"emails\.send\Z|sendMail\Z|sgMail\.send\Z|sendgrid.*\.send\Z|postmark.*\.sendEmail\Z|mailgun.*\.create\Z"
    r"|\Asend_mail\Z|EmailMessage.*\.send\Z|\.send_mass_mail\Z|twilio.*messages\.create\Z"
)
_SEND = frozenset({"delay", "apply_async", "send_task", "enqueue"})


@dataclass(frozen=True, slots=True)
class Job:
    """A call that puts work into a queue; `queue` is its name or that of the task, "" when only running would tell."""

    call: Call
    queue: str
    system: str
    made: Call | None = None  # where the queue object is made


def http_library(call: Call) -> str | None:
    """The HTTP client a call uses, None when it is no request to another system."""
    if call.file.language == "python":
        head = call.file.imports.get(call.head)
        module = head.module.partition(".")[0] if head else ""
        if module in ("requests", "httpx") and call.last in _AXIOS and call.name.count(".") == 1:
            return module
        made = call.file.made_for(call, call.name.rpartition(".")[0]) if call.last in _AXIOS else None
        if made is not None and made.name in ("requests.Session", "requests.session"):
            return "requests"
        if call.last == "urlopen" and (module == "urllib" or call.name == "urlopen"):
            return "urllib"
        return None
    if call.name == "fetch" and "fetch" not in call.file.imports:
        return None if (call.text(0) or "").startswith("/") else "fetch"
    if call.head in call.file.imports and call.file.imports[call.head].module in (
        "node-fetch",
        "cross-fetch",
        "undici",
    ):
        return "fetch" if call.name == call.head or call.last == "fetch" else None
    imported = call.file.imports.get(call.head)
    if imported and imported.module == "got" and (call.name == call.head or call.last in _AXIOS):
        return "got" if call.name.count(".") <= 1 else None
    if imported and imported.module == "axios" and (call.name == call.head or call.last in _AXIOS):
        return "axios" if call.name.count(".") <= 1 else None
    return None


def is_llm(call: Call) -> bool:
    """Whether a call asks a language model."""
    if call.name in _AI_SDK:
        found = call.file.imports.get(call.name)
        return found is not None and found.module == "ai"
    found_call = _LLM.search(call.name)
    if not found_call:
        return False
    modules = " ".join(one.module for one in call.file.imports.values())
    return bool(_LLM_CLIENT.search(call.name[: found_call.start()])) or bool(
        re.search(r"openai|anthropic|@google/gen|groq|mistral", modules)
        and call.head not in ("stripe", "resend", "prisma")
    )


def is_mail(call: Call) -> bool:
    """Whether a call sends an e-mail or a message."""
    return bool(_MAIL.search(call.name))


def is_stripe(repository: Repository, call: Call) -> bool:
    """Whether a call goes to Stripe's API."""
    if re.search(r"(?:^|\.)_?stripe(?:Client)?\.", call.name, re.I):
        return True
    made = made_by(repository, call.file, call.head)
    return made is not None and made.last == "Stripe"


def made_by(repository: Repository, file: SourceFile, name: str) -> Call | None:
    """The call that made what a name holds, through imports."""
    defined = repository.source_of(file, name)
    if defined is None:
        return None
    where, local = defined
    return where.made(local)


def job_of(repository: Repository, call: Call) -> Job | None:
    """The job a call puts into a queue, None when it is no such call."""
    if call.file.language == "python":
        return _python_job(call)
    if call.last in ("add", "addBulk") and call.name.count(".") >= 1:
        made = _queue_made(repository, call)
        if made is not None:
            return Job(call, made.text(0) or "", "bullmq", made)
    if call.last == "send" and re.search(r"inngest|\bboss\b", call.name, re.I):
        table = call.table(0)
        name = table.get("name") if table else call.text(0)
        return Job(call, name if isinstance(name, str) else "", "inngest" if "nngest" in call.name else "pg-boss")
    return None


def _queue_made(repository: Repository, call: Call) -> Call | None:
    """`new Queue(...)` behind `emailQueue.add` or `this.queue.add`, or what NestJS injects and registers."""
    owner = call.name.rpartition(".")[0]
    member = call.file.member(call, owner[5:]) if owner.startswith("this.") else None
    injected = next((one for one in member.decorators if one.name == "InjectQueue"), None) if member else None
    if injected is not None:
        return _registered(repository, injected)
    if owner.startswith("this."):
        found = [one for one in call.file.calls if one.target == owner]
    else:
        made = made_by(repository, call.file, call.head) if "." not in owner else None
        local = [one for one in call.file.calls if one.target == owner and one.function is call.function]
        found = [made] if made else local
    return next((one for one in found if one.new and one.last in ("Queue", "Bull")), None)


def _registered(repository: Repository, injected: Call) -> Call:
    """The queue of `@InjectQueue(name)` with the options that a module registers it with.

    `BullModule.registerQueue({ name, defaultJobOptions })` over `BullModule.forRoot({ defaultJobOptions })`.
    """
    name = repository.text_of(injected, 0)
    queue = Call("Queue", injected.line, injected.file, None, args=[name or ""], new=True)
    settings = Table()
    for file in repository:
        for call in file.calls if "BullModule" in file.imports else ():
            table = call.table(0)
            own = table is not None and name is not None and repository.settled(file, table.get("name")) == name
            if call.last.endswith("Async"):
                settings.open = True  # what a factory gives is not followed
            elif table is not None and (call.name == "BullModule.forRoot" or own):
                settings.open = settings.open or table.open
                settings |= {key: value for key, value in table.items() if own or key not in settings}
    queue.args.append(settings)
    return queue


def _python_job(call: Call) -> Job | None:
    parts = call.name.split(".")
    if parts[-1] == "send_task":
        return Job(call, call.text(0) or "", "celery")
    if parts[-1] in _SEND and len(parts) >= 2:
        if parts[-1] == "enqueue":
            value = call.args[0] if call.args else None
            return (
                Job(call, value.text[:80] if isinstance(value, Ref) else "", "rq")
                if "queue" in parts[-2].lower()
                else None
            )
        task = next((part for part in reversed(parts[:-1]) if part not in ("si", "s")), "")
        return Job(call, task, "celery")
    return None
