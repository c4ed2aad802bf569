import { handlersOf } from '@app/sdk';
import { Longhaul } from '@app/client';
import { type Catalogue, catalogue, CsvImport, FanoutEnrich } from './index.js';

describe('the catalogue', () => {
  test('has each handler under the kind of its decorator', () => {
    expect(handlersOf({ 'csv.import': CsvImport })).toEqual([CsvImport]);
    expect(() => handlersOf({ 'csv.import': FanoutEnrich })).toThrow("expected FanoutEnrich in the catalogue under 'fanout.enrich'");
    expect(catalogue).toContain(CsvImport);
  });

  test('tells a typed client the kinds, their payloads and results: the compiler says so', () => {
    const typed = (longhaul: Longhaul<Catalogue>) => ({
      import: async () => (await longhaul.result(await longhaul.submit('csv.import', { table: 'sales', fileId: 'f' }))).rows.toFixed(),
      batch: () => longhaul.submitBatch([{ kind: 'csv.import', payload: { table: 'sales' } }]),
      // @ts-expect-error a kind that is not in the catalogue
      unknown: () => longhaul.submit('csv.imprt', {}),
      // @ts-expect-error a field of another type
      wrong: () => longhaul.submit('csv.import', { table: 1 }),
      // @ts-expect-error the payload of another kind
      mixed: () => longhaul.submitBatch([{ kind: 'fanout.enrich', payload: { fileId: 'f' } }]),
      // @ts-expect-error a field that is not in the result
      result: async () => String((await longhaul.result(await longhaul.submit('csv.import', {}))).rowz),
    });
    expect(Object.keys(typed(new Longhaul<Catalogue>()))).toHaveLength(6);
  });

  test('may be spelled out where the classes are not at hand', () => {
    const typed = (longhaul: Longhaul<{ 'mail.send': { payload: { to: string }; result: { id: number } } }>) => ({
      send: async () => (await longhaul.result(await longhaul.submit('mail.send', { to: 'a@example.org' }))).id.toFixed(),
      // @ts-expect-error without its field
      empty: () => longhaul.submit('mail.send', {}),
    });
    expect(Object.keys(typed(new Longhaul()))).toEqual(['send', 'empty']);
  });
});
