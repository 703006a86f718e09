import { prisma } from '@/lib/db'

export const revalidate = 60

export default async function OrdersPage() {
  const orders = await prisma.order.findMany({ take: 20 })
  return <ul>{orders.map((order) => <li key={order.id}>{order.status}</li>)}</ul>
}
