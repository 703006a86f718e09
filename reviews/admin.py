"""The tables behind the workspace. Consultants see the engagements they belong to; admins see all."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from reviews.access import clients_for, engagements_for, is_consultant, may_change_brand
from reviews.forms import BrandForm, EngagementForm
from reviews.models import Brand, Client, Deliverable, Engagement, Finding, Membership, PortalAccess
from reviews.services.engagements import delete_engagement, prepare_inputs


def _may_enter(request: HttpRequest) -> bool:
    return is_consultant(request.user)


# Django asks for the staff box alone; a client's reader stays outside even with that box ticked by mistake.
admin.site.has_permission = _may_enter  # type: ignore[method-assign]
# Deleting takes a look at each: many at once would pass by the guards below, which look at one.
admin.site.disable_action("delete_selected")
admin.site.index_title = "Dashboard"
admin.site.unregister(User)
admin.site.unregister(Group)


class ConsultantAdmin(ModelAdmin):
    """Consultants work; admins also delete. Nobody sees rows of an engagement he does not belong to."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(engagement__in=engagements_for(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_consultant(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_consultant(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_consultant(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_consultant(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class ReadOnlyAdmin(ConsultantAdmin):
    """Rows that the pipeline writes and people edit in the workspace."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(TabularInline):
    """Who works on it. Only admins staff an engagement."""

    model = Membership
    extra = 1
    tab = False

    def _admin(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_delete_permission = _admin

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Engagement)
class EngagementAdmin(ConsultantAdmin):
    """Open an engagement here, then work on its own pages."""

    list_display = ("open_page", "title", "client", "stage", "due", "lead")
    list_filter = ("stage", ("client", admin.RelatedOnlyFieldListFilter))
    search_fields = ("code", "title", "client__name")
    form = EngagementForm
    fieldsets = (
        (None, {"fields": (("code", "title"), ("client", "brand"), ("stage", "due"))}),
        ("Files, report and notes", {"fields": ("raw_days", "compares", "notes")}),
    )
    opening = (
        (None, {"fields": (("client", "new_client"), ("title", "code"), ("due", "brand"))}),
        ("Files, report and notes", {"fields": ("raw_days", "compares", "notes"), "classes": ("collapse",)}),
    )
    inlines = (MembershipInline,)
    list_display_links = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Engagement]:
        return engagements_for(request.user).prefetch_related("memberships__user")

    def get_fieldsets(self, request: HttpRequest, obj: Engagement | None = None) -> Any:
        """Opening asks for little: it begins at the first stage."""
        return self.fieldsets if obj else self.opening

    def get_readonly_fields(self, request: HttpRequest, obj: Engagement | None = None) -> tuple[str, ...]:
        """Code and client are settled at the start: another client's readers would inherit what was published."""
        return ("code", "client") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Engagement | None = None) -> Any:
        return self.inlines if obj or request.user.is_superuser else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Clients of other teams do not exist here either."""
        if db_field.name == "client":
            kwargs["queryset"] = clients_for(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Engagement | None = None) -> bool:
        """A closed engagement is reopened by an admin."""
        closed = obj is not None and obj.stage == Engagement.Stage.CLOSED
        return super().has_change_permission(request, obj) and (not closed or bool(request.user.is_superuser))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What belongs to an engagement goes with it, though none of it can be deleted by itself here."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Engagement) -> None:
        delete_engagement(engagement=obj)

    @admin.display(description="Engagement", ordering="code")
    def open_page(self, engagement: Engagement) -> str:
        """The way into the workspace."""
        url = reverse("engagement_detail", args=[engagement.code])
        return format_html('<a class="ll-link" href="{}">{}</a>', url, engagement.code)

    @admin.display(description="Lead")
    def lead(self, engagement: Engagement) -> str:
        return ", ".join(str(row.user) for row in engagement.memberships.all() if row.leads) or "nobody"

    def save_model(self, request: HttpRequest, obj: Engagement, form: Any, change: bool) -> None:
        """Whoever opens an engagement leads it, and its nine inputs are there from the start."""
        if name := form.cleaned_data.get("new_client"):
            obj.client = Client.objects.create(name=name, created_by=request.user)
        super().save_model(request, obj, form, change)
        prepare_inputs(engagement=obj)
        if not change and not request.user.is_superuser:
            Membership.objects.create(engagement=obj, user=request.user, leads=True)

    def response_add(self, request: HttpRequest, obj: Engagement, post_url_continue: str | None = None) -> Any:
        """After opening, the next thing is the intake."""
        if "_continue" in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return redirect("intake_detail", code=obj.code)


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """All findings across engagements; editing happens on the board."""

    list_display = ("open_page", "shown", "area", "severity", "set_severity", "status", "present")
    list_display_links = None
    list_select_related = ("engagement",)
    list_filter = ("severity", "status", "area", "present")
    search_fields = ("key", "title")
    ordering = ("engagement", "rank")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        """Without what a list does not show, which is nearly all of a finding and of its engagement."""
        heavy = ("machine", *(f"engagement__{name}" for name in ("evidence_inputs", "method", "capacity")))
        computed = KeyTextTransform("title", "machine")
        return super().get_queryset(request).defer(*heavy).annotate(computed_title=computed)

    @admin.display(description="Title")
    def shown(self, finding: Any) -> str:
        """The title as it stands in the report."""
        return str(finding.title or finding.computed_title)

    @admin.display(description="Finding")
    def open_page(self, finding: Finding) -> str:
        url = reverse("finding_detail", args=[finding.engagement.code, finding.code])
        return format_html('<a class="ll-link" href="{}">{} · {}</a>', url, finding.engagement.code, finding.code)


@admin.register(Deliverable)
class DeliverableAdmin(ReadOnlyAdmin):
    """Every report ever issued."""

    list_display = ("open_page", "state", "pages", "issued_by", "issued_at")
    list_display_links = None
    list_filter = ("state",)
    exclude = ("pdf", "context")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deliverable]:
        return super().get_queryset(request).defer("pdf", "context").select_related("engagement")

    @admin.display(description="Report")
    def open_page(self, deliverable: Deliverable) -> str:
        url = reverse("report_detail", args=[deliverable.engagement.code])
        return format_html('<a class="ll-link" href="{}">{}</a>', url, deliverable)


class PortalReaderInline(TabularInline):
    """The client's people who may read along."""

    model = PortalAccess
    extra = 0
    autocomplete_fields = ("user",)

    def _admin(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_view_permission = has_add_permission = has_change_permission = has_delete_permission = _admin


@admin.register(Client)
class ClientAdmin(ConsultantAdmin):
    """Clients; a consultant sees those of his engagements."""

    list_display = ("name", "brand")
    search_fields = ("name",)
    inlines = (PortalReaderInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return clients_for(request.user)

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        """Whoever makes a client sees it before there is an engagement."""
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(Brand)
class BrandAdmin(ConsultantAdmin):
    """How report and portal look."""

    form = BrandForm
    fieldsets = (
        (None, {"fields": ("name", "logo_file")}),
        ("Look", {"fields": (("accent", "ink"), ("heading_font", "body_font"), "paper", "compares")}),
        ("Words", {"fields": ("legal", ("call_label", "call_url"))}),
    )
    list_display = ("name", "accent", "heading_font", "paper")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        return Brand.objects.all() if is_consultant(request.user) else Brand.objects.none()

    def has_change_permission(self, request: HttpRequest, obj: Brand | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_change_brand(request.user, obj))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Accounts; admins only, by the permissions of django.contrib.auth."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups; admins only."""
