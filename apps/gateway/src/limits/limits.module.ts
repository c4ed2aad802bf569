import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { LimitsController } from './limits.controller.js';
import { ChangeLimits } from './change-limits.js';
import { LimitsInCode } from './limits-in-code.js';

@Module({ imports: [CoreModule], controllers: [LimitsController], providers: [ChangeLimits, LimitsInCode], exports: [LimitsInCode] })
export class LimitsModule {}
