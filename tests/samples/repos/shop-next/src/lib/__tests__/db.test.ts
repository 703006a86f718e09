import { prisma } from '../db'
test('orders', async () => { await prisma.order.findMany() })
