import { after } from 'next/server'
import { prisma } from '@/lib/db'
import { verifyEvent } from '@/lib/stripe'
import { quote } from '@/lib/shipping'

export async function POST(request: Request) {
  const event = verifyEvent(await request.text(), request.headers.get('stripe-signature')!)
  const known = await prisma.payment.findUnique({ where: { id: event.id } })
  if (!known) await prisma.payment.create({ data: { id: event.id, orderId: 'o', amount: 1 } })
  after(async () => {
    await fetch('https://hooks.example.com/paid', { method: 'POST', signal: AbortSignal.timeout(5000) })
  })
  return new Response('ok')
}
