import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventHub } from './event-hub.js';
import { EventsGateway } from './events.gateway.js';
import { Interest } from './interest.js';
import { JobEventsController } from './job-events.controller.js';
import { RightsModule } from '../rights/rights.module.js';
import { OpenStreams } from './open-streams.js';
import { SharedLooks } from './shared-looks.js';
import { StreamDoor } from './stream-door.js';

/** Brings events to their readers. The module of the mode learns of changes: it wakes the hub and the feed, and listens to `Interest`. */
@Module({
  imports: [RightsModule],
  controllers: [JobEventsController],
  providers: [EventHub, EventFeed, Interest, OpenStreams, StreamDoor, SharedLooks, EventsGateway],
  exports: [EventHub, EventFeed, Interest, OpenStreams, StreamDoor, SharedLooks],
})
export class EventsModule {}
