import { prisma } from '@/lib/db'

const LATEST = { take: 50, orderBy: { createdAt: 'desc' as const } }

export async function GET() {
  const orders = await prisma.order.findMany(LATEST)
  const items = await prisma.orderItem.findMany({ where: { orderId: { in: orders.map((order) => order.id) } } })
  return Response.json({ orders, items })
}
