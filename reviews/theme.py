"""The frame of the workspace: our name, our colours, and a sidebar in the order of the work."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

# The tokens of static/css/tokens.css in the names the admin theme uses; one neutral scale with a cool tint, one accent.
NEUTRAL = {
    "50": "#f7f9fa", "100": "#eef2f4", "200": "#dde4e8", "300": "#c2cdd4", "400": "#93a2ac",
    "500": "#5a6b75", "600": "#4a5963", "700": "#36434c", "800": "#232d34", "900": "#151d23", "950": "#0d1317",
}  # fmt: skip
ACCENT = {
    "50": "#eef7f7", "100": "#d5ebec", "200": "#aed7da", "300": "#7dbcc1", "400": "#4a9aa1",
    "500": "#23808a", "600": "#0b5d66", "700": "#0a4f57", "800": "#0a4047", "900": "#09343a", "950": "#041f23",
}  # fmt: skip


def _link(title: str, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(name)}


def _admins_only(request: Any) -> bool:
    return bool(request.user.is_superuser)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Loadline",
    "SITE_HEADER": "Loadline",
    "SITE_SUBHEADER": "Scaling reviews, proven",
    "SITE_ICON": {
        "light": lambda request: static("img/mark.svg"),
        "dark": lambda request: static("img/mark-dark.svg"),
    },
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "reviews.views.dashboard.dashboard_context",
    "COLORS": {"base": NEUTRAL, "primary": ACCENT},
    "STYLES": [
        lambda request: static("css/tokens.css"),
        lambda request: static("css/marks.css"),
        lambda request: static("css/charts.css"),
        lambda request: static("css/workspace.css"),
        lambda request: static("css/board.css"),
    ],
    "SCRIPTS": [lambda request: static("js/workspace.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Password", "link": reverse_lazy("account_change_password")},
            {"title": "Second factor", "link": reverse_lazy("mfa_index")},
        ],
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": "Work",
                "items": [
                    _link("Dashboard", "space_dashboard", "admin:index"),
                    _link("Engagements", "work", "admin:reviews_engagement_changelist"),
                    _link("Uploads", "upload_file", "admin:telemetry_upload_changelist"),
                    _link("Findings", "troubleshoot", "admin:reviews_finding_changelist"),
                    _link("Tickets", "confirmation_number", "admin:tickets_ticket_changelist"),
                    _link("Deliverables", "picture_as_pdf", "admin:reviews_deliverable_changelist"),
                ],
            },
            {
                "title": "Practice",
                "separator": True,
                "items": [
                    _link("Clients", "apartment", "admin:reviews_client_changelist"),
                    _link("Brands", "palette", "admin:reviews_brand_changelist"),
                    _link("Users", "group", "admin:auth_user_changelist") | {"permission": _admins_only},
                    _link("Rules", "rule", "rule_list"),
                ],
            },
        ],
    },
}
