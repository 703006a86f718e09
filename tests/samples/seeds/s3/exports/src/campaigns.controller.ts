// Section 1, B4: lists without `take`.
import { Controller, Get, Query } from '@nestjs/common';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

@Controller('campaigns')
export class CampaignsController {
  @Get()
  async list(@Query('sellerId') sellerId: string) {
    return prisma.campaign.findMany({ where: { sellerId } });
  }

  @Get('assets')
  async assets(@Query('creativeId') creativeId: string) {
    return prisma.creativeAsset.findMany({ where: { creativeId } });
  }
}
