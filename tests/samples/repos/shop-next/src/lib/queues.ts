import { Queue } from 'bullmq'
import Redis from 'ioredis'

export const connection = new Redis(process.env.REDIS_URL!, { maxRetriesPerRequest: null })

export const emails = new Queue('emails', { connection })

export const invoices = new Queue('invoices', {
  connection,
  defaultJobOptions: {
    attempts: 5,
    backoff: { type: 'exponential', delay: 2000 },
    removeOnComplete: { count: 1000 },
    removeOnFail: 5000,
  },
})
