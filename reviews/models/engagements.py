"""The engagement: what is reviewed, for whom, by whom, and what we know about the business."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from reviews.models.clients import Brand, Client

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Engagement(models.Model):
    """One review of one client's system."""

    class Stage(models.TextChoices):
        INTAKE = "intake", "Intake"
        EVIDENCE = "evidence", "Evidence"
        FINDINGS = "findings", "Findings"
        REPORT = "report", "Report"
        CLOSED = "closed", "Closed"

    code = models.CharField(
        max_length=24,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9-]*\Z", "Use letters, digits and hyphens, such as HB-2026.")
        ],
    )
    title = models.CharField(max_length=120)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="engagements")
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, blank=True, related_name="engagements")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.INTAKE)
    stack = models.JSONField(default=list, blank=True, help_text='A list of names, such as ["nextjs", "postgres"].')
    current_mau = models.PositiveBigIntegerField("monthly active users now", null=True, blank=True)
    target_mau = models.PositiveBigIntegerField("monthly active users, target", null=True, blank=True)
    growth_per_month = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(5)], help_text="0.08 is 8 %."
    )
    engineers = models.PositiveSmallIntegerField(null=True, blank=True, help_text="People who can work on the plan.")
    monthly_revenue = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, validators=[RegexValidator(r"^[A-Z]{3}\Z")])
    due = models.DateField(null=True, blank=True)
    raw_days = models.PositiveSmallIntegerField(
        "days to keep raw files",
        null=True,
        blank=True,
        help_text="Files are deleted after so many days, evidence stays. 0 keeps them; empty takes the site's number.",
    )
    compares = models.BooleanField(
        "print what changed",
        null=True,
        blank=True,
        help_text="A section that compares with the report issued before. Empty: as the brand says.",
    )
    capacity = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What is stated for the capacity model, as in the intake."
    )
    evidence_inputs = models.JSONField(
        default=dict, editable=False, help_text="Numbers for the capacity model that the evidence holds."
    )
    notes = models.TextField("internal notes", blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="engagements")
    created_at = models.DateTimeField(auto_now_add=True)
    analysed_at = models.DateTimeField(null=True, blank=True, editable=False)
    method = models.JSONField(default=dict, editable=False, help_text="Rules and limits of the latest judging.")

    class Meta:
        ordering = ["due", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(growth_per_month__isnull=True) | Q(growth_per_month__range=(0, 5)),
                name="engagement_growth_sane",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["intake", "evidence", "findings", "report", "closed"]),
                name="engagement_stage_known",
            ),
            # The code stands in addresses and in the names of downloads.
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9-]*$"), name="engagement_code_plain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.title}"

    @property
    def look(self) -> Brand:
        """The brand of its report and portal: its own, else the client's, else the house's."""
        return self.brand or self.client.brand or Brand(name="Loadline")

    @property
    def prints_changes(self) -> bool:
        """Whether the next report says what changed since the one before."""
        return self.look.compares if self.compares is None else self.compares


class Membership(models.Model):
    """A consultant works on an engagement."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    leads = models.BooleanField(default=False)

    class Meta:
        ordering = ["engagement", "-leads", "user"]
        constraints = [models.UniqueConstraint(fields=["engagement", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} on {self.engagement.code}"


class Flow(models.Model):
    """One of the client's top user flows, with the share of revenue and of users that passes through it."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="flows")
    name = models.CharField(max_length=60)
    revenue_share = models.FloatField(null=True, blank=True, validators=SHARE)
    user_share = models.FloatField(null=True, blank=True, validators=SHARE)
    routes = models.JSONField(default=list, blank=True)
    tables = models.JSONField(default=list, blank=True)
    queues = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["engagement", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "name"], name="flow_name_once"),
            models.CheckConstraint(
                condition=Q(revenue_share__isnull=True) | Q(revenue_share__range=(0, 1)), name="flow_revenue_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(user_share__isnull=True) | Q(user_share__range=(0, 1)), name="flow_users_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HardConstraint(models.Model):
    """Something that may not change this week."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="constraints")
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ["engagement", "pk"]

    def __str__(self) -> str:
        return self.text


class BuyerInput(models.Model):
    """One of the nine inputs a paid review needs. Uploads mark it received, unless a consultant has decided."""

    class State(models.TextChoices):
        MISSING = "missing", "Missing"
        RECEIVED = "received", "Received"
        NOT_APPLICABLE = "not applicable", "Not applicable"

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="inputs")
    slug = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=State, default=State.MISSING)
    decided = models.BooleanField("set by a consultant", default=False)

    class Meta:
        ordering = ["engagement", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "slug"], name="buyer_input_once"),
            models.CheckConstraint(
                condition=Q(state__in=["missing", "received", "not applicable"]), name="buyer_input_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.slug
