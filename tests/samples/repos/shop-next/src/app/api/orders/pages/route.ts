import { prisma } from '@/lib/db'

export async function GET(request: Request) {
  const page = Number(new URL(request.url).searchParams.get('page') ?? 1)
  const rows = await prisma.order.findMany({ skip: (page - 1) * 20, take: 20 })
  const next = await prisma.order.findMany({ take: 20, skip: 1, cursor: { id: String(page) } })
  const raw = await prisma.$queryRaw`SELECT id FROM payments ORDER BY id LIMIT 20 OFFSET ${page * 20}`
  return Response.json({ rows, next, raw })
}
