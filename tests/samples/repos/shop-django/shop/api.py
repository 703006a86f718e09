from rest_framework import viewsets
from rest_framework.response import Response

from .models import Line, Order
from .serializers import LineSerializer


class OrderViewSet(viewsets.ViewSet):
    def list(self, request):
        lines = Line.objects.filter(sku=request.GET["sku"])
        return Response(LineSerializer(lines, many=True).data)

    def retrieve(self, request, pk=None):
        return Response(Order.objects.get(pk=pk).total)
