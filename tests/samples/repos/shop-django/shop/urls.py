from django.urls import path, re_path

from . import views

urlpatterns = [
    path("orders/", views.orders),
    path("orders/<int:pk>/", views.order),
    path("orders/paged/", views.paged),
    re_path(r"^export/(?P<year>\d{4})/$", views.export),
    path("login/", views.login),
    path("webhooks/carrier/", views.carrier),
    path("webhooks/stripe/", views.stripe_hook),
    path("refund/", views.refund),
]
