import { Injectable } from '@nestjs/common';

/** Stands for the service that sends. It is to know the key: the same key twice is one e-mail. */
@Injectable()
export class InvoiceMailer {
  async send(order: number, key: string): Promise<string> {
    return `invoice of order ${order}, sent under ${key}`;
  }
}
