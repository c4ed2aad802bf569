/** A handler class, as a client sees it: only its types are used, and no code of it is loaded. */
export type HandlerClass = abstract new (...args: never[]) => { run(payload: never, job: never): Promise<unknown> };

/** The kinds that a client knows. Each is given by its handler's class (`import type { Catalogue }`) or by its payload and result types. */
export type Kinds = { [kind: string]: HandlerClass | { payload: unknown; result: unknown } };

/** The kinds of a client without a catalogue: any kind, any payload. */
export type AnyKinds = { [kind: string]: { payload: object; result: unknown } };

export type KindOf<Catalogue> = keyof Catalogue & string;

/** All fields are optional, because a field with a default may be left out and the types do not say which fields have one. The gateway checks. */
export type PayloadOf<Entry> = Entry extends abstract new (...args: never[]) => { run(payload: infer Payload, job: never): Promise<unknown> }
  ? { [Field in keyof Payload]?: Payload[Field] }
  : Entry extends { payload: infer Payload }
    ? Payload
    : never;

export type ResultOf<Entry> = Entry extends abstract new (...args: never[]) => { run(payload: never, job: never): Promise<infer Result> }
  ? Result
  : Entry extends { result: infer Result }
    ? Result
    : never;
