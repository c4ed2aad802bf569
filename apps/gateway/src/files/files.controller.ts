import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FileView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { publicPath, Refusal, type Sees } from '@app/core';
import type { StoredFile } from '@app/sdk';
import { StoredFiles } from '@app/storage';
import { SeenBy, seenBy } from '../rights/tenant.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { header, IF_NONE_MATCH, LOCATION } from '../api-docs/parameters.js';
import { cutOff } from '../http/body-budget.js';
import { LEAST_RATE } from '../http/least-rate.js';
import { problem } from '../http/problem.filter.js';
import { fileView } from './file-view.js';
import { receiveUpload } from './receive-upload.js';
import { sendFile } from './send-file.js';
import { UPLOAD_ROUTE } from './uploads.js';

const ETAG = header('ETag', 'The SHA-256 of the content');
const BYTES = { '*/*': { schema: { type: 'string', format: 'binary' } } } as const;
const TOO_SLOW = `expected ${LEAST_RATE.bytes} bytes of the file in ${LEAST_RATE.ms / 1_000} s at least; nothing was stored`;

/** Uploads and downloads files by id, as streams. */
@ApiTags('files')
@Controller(UPLOAD_ROUTE)
export class FilesController {
  constructor(private readonly files: StoredFiles) {}

  @Post()
  @ApiOperation({
    operationId: 'uploadFile',
    summary: 'Upload a file',
    description: 'As field `file` of a form, or as the raw body with `?name=`. Streamed; kept only when it arrived whole.',
  })
  @ApiConsumes('multipart/form-data', 'text/csv', 'text/tab-separated-values', 'application/octet-stream')
  @ApiBody({ type: wire.FileUpload })
  @ApiQuery({
    name: 'name',
    required: false,
    type: String,
    description: 'What to call it; default is the name in the form, or "upload"',
    example: 'birdstrikes.csv',
  })
  @ApiCreatedResponse({ type: wire.FileView, description: 'Stored; Location says where', headers: LOCATION })
  @ApiResponse({ status: 413, description: 'Larger than FILES_MAX_BYTES' })
  @ApiResponse({ status: 429, description: 'This client has as many uploads under way as one may have' })
  @ApiResponse({ status: 507, description: 'FILES_QUOTA_BYTES is used up, or the disk has less than FILES_MIN_FREE_BYTES free' })
  async upload(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Query('name') name?: unknown): Promise<FileView> {
    if (name !== undefined && typeof name !== 'string') throw new Refusal('malformed_request', 'expected one query parameter "name", got several');
    const file = await receiveUpload(request, this.files, name, () => cutOff(request, reply, problem('request_timeout', TOO_SLOW, request.url)));
    void reply.header('location', publicPath(`${UPLOAD_ROUTE}/${file.id}`));
    return fileView(file);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getFile',
    description: 'What it is called, its size and its checksum; its content is at `links.content`.',
    summary: 'Describe a file',
  })
  @ApiOkResponse({ type: wire.FileView, description: 'The file' })
  async describe(@Param('id') id: string, @SeenBy() sees: Sees): Promise<FileView> {
    return fileView(await this.find(id, sees));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteFile',
    summary: 'Remove a file',
    description: 'A job that still needs it fails. Files are also removed by age, see RETENTION_FILES_HOURS.',
  })
  @ApiResponse({ status: 204, description: 'Removed' })
  async remove(@Param('id') id: string, @SeenBy() sees: Sees): Promise<void> {
    if (!(await this.files.remove(id, sees))) throw noSuchFile(id);
  }

  @Get(':id/content')
  @ApiOperation({
    operationId: 'downloadFile',
    summary: 'Download a file',
    description: 'Supports `Range`, `If-Range` and `If-None-Match`. `?disposition=inline` lets a browser show it, in a sandbox.',
  })
  @ApiQuery({ name: 'disposition', required: false, enum: ['attachment', 'inline'], description: 'Whether a browser saves it or shows it' })
  @ApiHeader({ name: 'Range', required: false, description: 'One range of bytes', schema: { type: 'string' }, example: 'bytes=0-99' })
  @ApiHeader({
    name: 'If-Range',
    required: false,
    description: 'The ETag for which the range holds; of another file the whole is sent',
    schema: { type: 'string' },
  })
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({ description: 'The whole file, by its own media type', headers: ETAG, content: BYTES })
  @ApiResponse({ status: 206, description: 'The range of it', headers: { ...ETAG, ...header('Content-Range', 'Which bytes, of how many') }, content: BYTES })
  @ApiResponse({ status: 304, description: 'Unchanged since If-None-Match' })
  @ApiResponse({ status: 416, description: 'The range begins after the end' })
  async content(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('disposition') disposition?: unknown,
  ): Promise<void> {
    const file = await this.find(id, seenBy(request));
    return sendFile(this.files, file, request, reply, disposition === 'inline' ? 'inline' : 'attachment');
  }

  private async find(id: string, sees: Sees): Promise<StoredFile> {
    const file = await this.files.find(id, sees);
    if (!file) throw noSuchFile(id);
    return file;
  }
}

function noSuchFile(id: string): Refusal {
  return new Refusal('not_found', `there is no file ${JSON.stringify(id.slice(0, 100))}`);
}
