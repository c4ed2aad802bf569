import { Module } from '@nestjs/common';
import { BodyBudget } from './body-budget.js';
import { ListTurns } from './list-turns.js';

/** Limits that all requests share, so that one caller leaves room for others. */
@Module({ providers: [BodyBudget, ListTurns], exports: [BodyBudget, ListTurns] })
export class BoundsModule {}
