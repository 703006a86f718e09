import { prisma } from '@/lib/db'
import { emails } from '@/lib/queues'
import { withAuth } from '@/lib/auth'

export async function GET(request: Request) {
  const orders = await prisma.order.findMany({ where: { status: 'open' }, include: { items: true } })
  return Response.json(orders)
}

export const POST = withAuth(async (request) => {
  const order = await prisma.order.create({ data: await request.json() })
  await emails.add('order-placed', { orderId: order.id })
  return Response.json(order)
})
