import { Module } from '@nestjs/common';

/** The handlers of one `forFeature`. */
export const FEATURE = Symbol('longhaul feature');

@Module({})
export class LonghaulFeatureModule {}
