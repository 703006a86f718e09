import { stripe } from '@/lib/stripe'
import { prisma } from '@/lib/db'
import { invoices } from '@/lib/queues'

export async function POST(request: Request) {
  const { orderId, amount, key } = await request.json()
  const intent = await stripe.paymentIntents.create({ amount, currency: 'eur' })
  const again = await stripe.refunds.create({ payment_intent: intent.id }, { idempotencyKey: key })
  await prisma.payment.create({ data: { orderId, amount } })
  await invoices.add('invoice', { orderId })
  return Response.json({ intent, again })
}
