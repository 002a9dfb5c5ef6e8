import { Controller, Get, Inject, Module, Req, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CutoverIdentity, type CutoverVerifier, checkReadiness } from 'cognito-cutover';
import { Auth, cutoverGuard, requireScope } from 'cognito-cutover/nest';

export async function start({ verifier, port }: { verifier: CutoverVerifier; port: number }) {
  @Controller()
  class PublicController {
    constructor(@Inject('verifier') private readonly verifier: CutoverVerifier) {}

    @Get('readyz')
    async readyz() {
      const { ready } = await checkReadiness({ verifier: this.verifier });
      if (!ready) throw new ServiceUnavailableException();
      return { ready };
    }

    @Get()
    @UseGuards(cutoverGuard({ verifier, credentialsRequired: false }))
    hello(@Req() req: { auth?: CutoverIdentity }) {
      return { hello: req.auth?.userId ?? 'stranger' };
    }
  }

  @Controller('orders')
  @UseGuards(cutoverGuard({ verifier }))
  class OrdersController {
    @Get()
    @UseGuards(requireScope('orders/read'))
    list(@Auth() auth: CutoverIdentity) {
      return { ordersOf: auth.userId };
    }
  }

  @Module({
    controllers: [PublicController, OrdersController],
    providers: [{ provide: 'verifier', useValue: verifier }],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(port);
  return { port: app.getHttpServer().address().port as number, close: () => app.close() };
}
