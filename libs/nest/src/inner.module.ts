import { notificationKinds, type NotificationParts, NotificationsModule } from '@app/notifications';
import { HandlerRegistry } from '@app/sdk';
import { type DynamicModule, Module } from '@nestjs/common';

/** What Longhaul's own kinds need, in a container of its own: nothing of it is in the host's. */
@Module({})
export class InnerModule {
  static of(parts: NotificationParts, kinds: HandlerRegistry): DynamicModule {
    return {
      module: InnerModule,
      global: true,
      imports: [NotificationsModule.forRoot(parts)],
      providers: [{ provide: HandlerRegistry, useValue: kinds }, ...notificationKinds],
      exports: [HandlerRegistry],
    };
  }
}
