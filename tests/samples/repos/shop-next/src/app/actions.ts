'use server'

import { prisma } from '@/lib/db'

export async function archiveOrders(ids: string[]) {
  for (const id of ids) {
    await prisma.order.update({ where: { id }, data: { status: 'archived' } })
  }
}
