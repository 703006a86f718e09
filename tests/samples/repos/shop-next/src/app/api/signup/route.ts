import { hash } from 'bcryptjs'
import { ratelimit } from '@/lib/limit'

export async function POST(request: Request) {
  const { success } = await ratelimit.limit(request.headers.get('x-forwarded-for') ?? 'unknown')
  if (!success) return new Response('slow down', { status: 429 })
  const { password } = await request.json()
  return Response.json({ hash: await hash(password, 12) })
}
