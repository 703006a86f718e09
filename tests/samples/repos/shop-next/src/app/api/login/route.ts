import { hashSync } from 'bcryptjs'

export async function POST(request: Request) {
  const { password } = await request.json()
  return Response.json({ hash: hashSync(password, 12) })
}
