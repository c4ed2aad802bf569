/** A class that runs the jobs of one kind, seen from outside: only its types matter, and nothing of it is loaded. */
export type HandlerClass = abstract new (...args: never[]) => { run(payload: never, job: never): Promise<unknown> };

/** The kinds that a client knows: of each its handler's class (`import type { Catalogue }`), or payload and result spelled out. */
export type Kinds = { [kind: string]: HandlerClass | { payload: unknown; result: unknown } };

/** Without a catalogue: any kind, any payload. */
export type AnyKinds = { [kind: string]: { payload: object; result: unknown } };

export type KindOf<Catalogue> = keyof Catalogue & string;

/** Fields with a default may be left out, and which have one is for class-validator to say: so none is demanded. */
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
