// Section 1, B5: one process, five at a time. Section 2 C: no retry and no back-off, calls without a time limit.
import { Queue, Worker } from 'bullmq';
import { PrismaClient } from '@prisma/client';

const connection = { host: 'redis', port: 6379 };
const prisma = new PrismaClient();
export const statsSync = new Queue('stats-sync', { connection });

export async function scheduleSync(campaignId: string) {
  await statsSync.add('fetch', { campaignId });
}

new Worker(
  'stats-sync',
  async (job) => {
    const response = await fetch(`https://graph.facebook.com/${job.data.campaignId}/insights`);
    const rows = await response.json();
    for (const row of rows.data) {
      await prisma.adStatsRaw.create({ data: row });
    }
  },
  { connection, concurrency: 5 },
);
