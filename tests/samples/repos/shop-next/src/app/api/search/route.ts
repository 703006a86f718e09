import { Pool } from 'pg'

const hits = new Map<string, number>()

export async function GET(request: Request) {
  const ip = request.headers.get('x-real-ip') ?? ''
  hits.set(ip, (hits.get(ip) ?? 0) + 1)
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 })
  const { rows } = await pool.query('SELECT id FROM orders WHERE id = $1', [ip])
  return Response.json(rows)
}
