import { Module } from '@nestjs/common';
import { AsyncApiController } from './async-api.controller.js';

@Module({ controllers: [AsyncApiController] })
export class ApiDocsModule {}
