import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventHub } from './event-hub.js';
import { EventsGateway } from './events.gateway.js';
import { Interest } from './interest.js';
import { LookDoor } from './look-door.js';
import { RightsModule } from '../rights/rights.module.js';
import { OpenStreams } from './open-streams.js';
import { SharedLooks } from './shared-looks.js';
import { StreamDoor } from './stream-door.js';
import { Wakes } from './wakes.js';

/** Brings events to their readers. The module of the mode learns of changes: it tells `Wakes` of them, and listens to `Interest`. */
@Module({
  imports: [RightsModule],
  providers: [EventHub, EventFeed, Interest, OpenStreams, StreamDoor, SharedLooks, Wakes, LookDoor, EventsGateway],
  exports: [EventHub, EventFeed, Interest, OpenStreams, StreamDoor, SharedLooks, Wakes, LookDoor],
})
export class EventsModule {}
