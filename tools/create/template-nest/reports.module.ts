import { Module } from '@nestjs/common';
import { LonghaulModule } from 'longhaul/nest';
import { RenderReport } from './report-render.job.js';
import { ReportsController } from './reports.controller.js';

/** The job gets what this module provides and imports. */
@Module({ imports: [LonghaulModule.forFeature([RenderReport])], controllers: [ReportsController] })
export class ReportsModule {}
