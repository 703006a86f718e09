import { Worker } from 'bullmq'
import { connection } from '../src/lib/queues'
import { rates } from '../src/lib/shipping'

new Worker('emails', async (job) => {
  await rates(job.data.sku)
}, { connection, concurrency: 10, lockDuration: 60000, limiter: { max: 100, duration: 1000 } })
