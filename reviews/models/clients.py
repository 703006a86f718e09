"""Who the work is for, how it looks, and who of them may read along."""

from django.conf import settings
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q

HEX_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write the colour as # and six hex digits, such as #0b5d66.")


class Brand(models.Model):
    """How a firm's report and portal look. Colours and fonts come from a closed set, so that no CSS is ever typed."""

    class Font(models.TextChoices):
        INTER = "inter", "Inter (sans serif)"
        SERIF = "source-serif", "Source Serif (serif)"
        GROTESQUE = "hanken", "Hanken Grotesk (sharp grotesque)"

    class Paper(models.TextChoices):
        A4 = "A4", "A4"
        LETTER = "Letter", "US Letter"

    name = models.CharField(max_length=80, unique=True)
    logo = models.BinaryField(null=True, blank=True, editable=False)  # PNG or JPEG, re-encoded on receipt
    logo_type = models.CharField(max_length=8, blank=True, editable=False)
    accent = models.CharField(max_length=7, default="#0b5d66", validators=[HEX_COLOUR])
    ink = models.CharField(max_length=7, default="#14212b", validators=[HEX_COLOUR])
    heading_font = models.CharField(max_length=16, choices=Font, default=Font.SERIF)
    body_font = models.CharField(max_length=16, choices=Font, default=Font.INTER)
    paper = models.CharField(max_length=6, choices=Paper, default=Paper.A4)
    compares = models.BooleanField(
        "print what changed", default=False, help_text="A section that compares with the report issued before."
    )
    legal = models.CharField("legal line", max_length=300, blank=True)
    call_label = models.CharField("call to action", max_length=60, blank=True)
    call_url = models.CharField(
        "call to action address", max_length=300, blank=True, validators=[URLValidator(["https", "mailto"])]
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(accent__regex=r"^#[0-9a-fA-F]{6}$"), name="brand_accent_is_hex"),
            models.CheckConstraint(condition=Q(ink__regex=r"^#[0-9a-fA-F]{6}$"), name="brand_ink_is_hex"),
        ]

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """The company whose system is reviewed."""

    name = models.CharField(max_length=120, unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, blank=True, related_name="clients")
    notes = models.TextField("internal notes", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PortalAccess(models.Model):
    """A person of the client who may read along. Never a member of staff."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portal_access")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="readers")

    class Meta:
        verbose_name = "portal reader"
        ordering = ["client", "user"]

    def __str__(self) -> str:
        return f"{self.user} reads for {self.client}"
