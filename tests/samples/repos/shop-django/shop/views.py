import hmac
import json
import time

import requests
import stripe
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import Customer, Line, Order
from .tasks import send_receipt


def orders(request):
    rows = []
    for order in Order.objects.all():
        rows.append({"name": order.customer.name, "total": order.total})
    latest = Order.objects.order_by("-id")[:20]
    for order in Order.objects.select_related("customer")[:50]:
        rows.append({"name": order.customer.name})
    return JsonResponse({"rows": rows, "latest": list(latest)})


def order(request, pk):
    found = Order.objects.get(pk=pk)
    names = []
    for line in Line.objects.filter(order=found)[:100]:
        names.append(Customer.objects.filter(name=line.sku).first())
    answer = requests.get("https://carrier.example.com/status")
    fine = requests.get("https://carrier.example.com/status", timeout=3)
    return JsonResponse({"names": len(names), "status": answer.json(), "again": fine.json()})


def paged(request):
    page = Paginator(Order.objects.order_by("id"), 20).get_page(request.GET.get("page"))
    start = int(request.GET["start"])
    window = Order.objects.order_by("id")[start : start + 20]
    return JsonResponse({"page": [one.total for one in page], "window": [one.total for one in window]})


def export(request, year):
    time.sleep(2)
    total = Order.objects.filter(total__gt=year).count()
    return HttpResponse(str(total))


@require_POST
def login(request):
    return HttpResponse(json.loads(request.body)["user"])


@csrf_exempt
def carrier(request):
    payload = json.loads(request.body)
    Line.objects.create(order_id=payload["order"], sku=payload["sku"])
    send_receipt.delay(payload["order"])
    return HttpResponse("ok")


@csrf_exempt
def stripe_hook(request):
    expected = hmac.new(b"k", request.body, "sha256").hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Signature"]):
        return HttpResponse(status=400)
    payload = json.loads(request.body)
    Line.objects.get_or_create(sku=payload["id"], defaults={"order_id": 1})
    return HttpResponse("ok")


@require_POST
def refund(request):
    stripe.Refund.create(charge=request.POST["charge"])
    stripe.PaymentIntent.create(amount=5, currency="eur", idempotency_key=request.POST["key"])
    return HttpResponse("ok")
