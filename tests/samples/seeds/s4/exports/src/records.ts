// The guide's own examples of what to mend first: "4. Optimize N+1 queries" and "5. Use background jobs".
import express from 'express';
import { PrismaClient } from '@prisma/client';
import { syncAllRecords } from './sync';

const app = express();
const prisma = new PrismaClient();

app.get('/api/v1/records', async (req, res) => {
  const records = await prisma.record.findMany();
  for (const rec of records) {
    const attachments = await prisma.attachment.findMany({
      where: { recordId: rec.id },
    });
    rec.attachments = attachments;
  }
  res.json(records);
});

app.post('/api/v1/records/sync', async (req, res) => {
  await syncAllRecords(); // Takes 5 minutes
  res.json({ success: true });
});
