"""The one URL map, grouped by object. One path per verb, one view per path."""

from django.contrib import admin
from django.urls import include, path

from reviews.views import (
    accounts,
    capacity,
    dashboard,
    deliverables,
    engagements,
    findings,
    intake,
    mappings,
    overrides,
    plan,
    portal,
    raw_files,
    risk_map,
    rules,
    runs,
    staff,
    tickets,
    uploads,
)

engagement_urls = [
    path("", engagements.engagement_detail, name="engagement_detail"),
    path("review.json", engagements.review_json, name="review_json"),
    path("intake/", intake.intake_detail, name="intake_detail"),
    path("intake/save/", intake.intake_save, name="intake_save"),
    path("intake/inputs/<slug:slug>/", intake.input_save, name="input_save"),
    path("intake/import/", intake.intake_import, name="intake_import"),
    path("intake.toml", intake.intake_export, name="intake_export"),
    path("evidence/", uploads.upload_list, name="upload_list"),
    path("evidence/add/", uploads.upload_add, name="upload_add"),
    path("evidence/ask-next.txt", uploads.upload_asks, name="upload_asks"),
    path("evidence/progress/", uploads.upload_progress, name="upload_progress"),
    path("evidence/cancel/", uploads.upload_cancel_all, name="upload_cancel_all"),
    path("evidence/delete-raw/", raw_files.raw_delete_all, name="raw_delete_all"),
    path("evidence/<int:upload_id>/cancel/", uploads.upload_cancel, name="upload_cancel"),
    path("evidence/<int:upload_id>/delete-raw/", raw_files.raw_delete, name="raw_delete"),
    path("evidence/<int:upload_id>/again/", uploads.upload_again, name="upload_again"),
    path("evidence/<int:upload_id>/delete/", uploads.upload_delete, name="upload_delete"),
    path("evidence/<int:upload_id>/format/", mappings.format_choose, name="format_choose"),
    path("evidence/<int:upload_id>/mapping/", mappings.mapping_edit, name="mapping_edit"),
    path("evidence/<int:upload_id>/mapping/preview/", mappings.mapping_preview, name="mapping_preview"),
    path("evidence/<int:upload_id>/mapping/save/", mappings.mapping_save, name="mapping_save"),
    path("evidence/<int:upload_id>/mapping/forget/", mappings.mapping_forget, name="mapping_forget"),
    path("evidence/<int:upload_id>/mapping.toml", mappings.mapping_export, name="mapping_export"),
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/publish/", findings.finding_publish_confirmed, name="finding_publish_confirmed"),
    path("findings/resolve/", runs.finding_resolve, name="finding_resolve"),
    path("findings/<slug:finding_code>/", findings.finding_detail, name="finding_detail"),
    path("findings/<slug:finding_code>/edit/", findings.finding_edit, name="finding_edit"),
    path("findings/<slug:finding_code>/save/", findings.finding_save, name="finding_save"),
    path("findings/<slug:finding_code>/status/", findings.finding_status, name="finding_status"),
    path("findings/<slug:finding_code>/override/", overrides.override_edit, name="override_edit"),
    path("findings/<slug:finding_code>/override/save/", overrides.override_save, name="override_save"),
    path(
        "findings/<slug:finding_code>/overrides/<int:override_id>/confirm/",
        overrides.override_confirm,
        name="override_confirm",
    ),
    path(
        "findings/<slug:finding_code>/overrides/<int:override_id>/withdraw/",
        overrides.override_withdraw,
        name="override_withdraw",
    ),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/<int:number>/", runs.run_detail, name="run_detail"),
    path("compare/", runs.comparison, name="comparison"),
    path("compare/<slug:before>/<slug:after>/", runs.comparison_detail, name="comparison_detail"),
    path("compare/<slug:before>/<slug:after>.json", runs.comparison_json, name="comparison_json"),
    path("risk-map/", risk_map.risk_map, name="risk_map"),
    path("capacity/", capacity.capacity_detail, name="capacity_detail"),
    path("capacity/outlook/", capacity.capacity_outlook, name="capacity_outlook"),
    path("capacity/packs.zip", capacity.capacity_packs, name="capacity_packs"),
    path("capacity/burst/", capacity.capacity_burst, name="capacity_burst"),
    path("capacity/policy/", capacity.capacity_policy, name="capacity_policy"),
    path("capacity/set/", capacity.capacity_set, name="capacity_set"),
    path("capacity/undo/", capacity.capacity_undo, name="capacity_undo"),
    path("plan/", plan.plan_detail, name="plan_detail"),
    path("plan/<int:item_id>/move/", plan.plan_move, name="plan_move"),
    path("tickets/", tickets.ticket_list, name="ticket_list"),
    path("tickets.csv", tickets.ticket_export, name="ticket_export"),
    path("report/", deliverables.report_detail, name="report_detail"),
    path("report/issue/", deliverables.report_issue, name="report_issue"),
    path("report/<int:number>/row/", deliverables.report_row, name="report_row"),
    path("report/<int:number>.pdf", deliverables.report_pdf, name="report_pdf"),
    path("report/<int:number>.json", deliverables.report_json, name="report_json"),
]

portal_urls = [
    path("", portal.portal_list, name="portal_list"),
    path("<slug:code>/", portal.portal_detail, name="portal_detail"),
    path("<slug:code>/style.css", portal.portal_style, name="portal_style"),
    path("<slug:code>/reports/<int:number>.pdf", portal.portal_pdf, name="portal_pdf"),
]

urlpatterns = [
    path("", dashboard.home, name="home"),
    path("healthz", dashboard.healthz, name="healthz"),
    path("accounts/password/reset/", accounts.password_reset),
    path("accounts/email/", accounts.email_addresses),
    path("accounts/", include("allauth.urls")),
    path("admin/login/", staff.staff_login),
    path("admin/", admin.site.urls),
    path("rules/", rules.rule_list, name="rule_list"),
    path("rules/<slug:rule_id>/", rules.rule_detail, name="rule_detail"),
    path("engagements/<slug:code>/", include(engagement_urls)),
    path("portal/", include(portal_urls)),
]

handler400 = "reviews.views.errors.bad_request"
handler403 = "reviews.views.errors.forbidden"
handler404 = "reviews.views.errors.not_found"
handler429 = "reviews.views.errors.too_many"
handler500 = "reviews.views.errors.broken"
