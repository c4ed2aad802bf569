import type { Client } from 'pg';

export interface TestServices {
  databaseUrl: string;
  /** Without a vhost; null when this run has no broker. */
  amqpUrl: string | null;
  rabbitmqctl: string;
  managementUrl: string | null;
}

export function testServices(): TestServices;
export function urlOfVhost(name: string): string;
export function urlOfDatabase(name: string): string;
export function administerPostgres<T>(work: (client: Client) => Promise<T>): Promise<T>;
export function newRunId(): string;
export function namePrefix(run?: string): string;
export function filesDir(): string;
export function isLeftOver(name: string, now?: number): boolean;
export function dropDatabases(client: Client, isDoomed: (name: string) => boolean): Promise<void>;
export function addVhost(name: string): Promise<void>;
export interface Rights {
  configure: string;
  write: string;
  read: string;
}
export function addUser(name: string, password: string): Promise<void>;
export function setPermissions(name: string, vhost: string, rights: Rights): Promise<void>;
export function removeUsers(isDoomed: (name: string) => boolean): Promise<void>;
export function rabbitmqctl(...args: string[]): Promise<string>;
export function listVhosts(): Promise<string[]>;
export function removeVhosts(names: string[]): Promise<void>;
