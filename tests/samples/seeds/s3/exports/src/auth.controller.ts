// Section 9: sign-in has no rate limit and no lockout; bcrypt with cost factor 12.
import { Body, Controller, Post } from '@nestjs/common';
import * as bcrypt from 'bcrypt';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

@Controller('auth')
export class AuthController {
  @Post('login')
  async login(@Body() body: { email: string; password: string }) {
    const user = await prisma.seller.findUnique({ where: { id: body.email } });
    if (!user || !(await bcrypt.compare(body.password, await bcrypt.hash(body.password, 12)))) {
      return { error: 'wrong' };
    }
    return { ok: true };
  }
}
