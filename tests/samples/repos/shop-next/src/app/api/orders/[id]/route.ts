import { prisma } from '@/lib/db'
import { quote, rates, stock } from '@/lib/shipping'

export const maxDuration = 30
export const runtime = 'nodejs'

export async function GET(_: Request, { params }: { params: { id: string } }) {
  const order = await prisma.order.findUnique({ where: { id: params.id }, include: { items: true } })
  const prices = []
  for (const item of order!.items) {
    prices.push(await prisma.payment.findFirst({ where: { orderId: item.orderId } }))
  }
  const same = await Promise.all(order!.items.map((item) => prisma.order.findUnique({ where: { id: item.orderId } })))
  const [carrier, rate, left] = await Promise.all([quote('a'), rates('a'), stock('a')])
  return Response.json({ order, prices, same, carrier, rate, left })
}
