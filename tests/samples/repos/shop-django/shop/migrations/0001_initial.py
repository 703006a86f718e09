from shop.models import Order


def forwards(apps, schema_editor):
    for order in Order.objects.all():
        order.customer.name
