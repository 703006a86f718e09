import type { NextApiRequest, NextApiResponse } from 'next'
import { Queue } from 'bullmq'
import { connection } from '../../../lib/queues'

export const config = { maxDuration: 15 }

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  if (req.method !== 'POST') return res.status(405).end()
  const queue = new Queue('legacy', { connection })
  await queue.add('sync', req.body, { attempts: 3, backoff: 1000, removeOnComplete: true, removeOnFail: 100 })
  res.status(202).end()
}
