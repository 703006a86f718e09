import { PrismaClient } from '@prisma/client'

async function main() {
  const prisma = new PrismaClient()
  for (const order of await prisma.order.findMany()) {
    await prisma.payment.create({ data: { orderId: order.id, amount: order.total } })
  }
}

main()
