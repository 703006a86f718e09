from .models import Order


def test_orders():
    assert list(Order.objects.all()) == []
