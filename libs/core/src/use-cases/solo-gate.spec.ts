import fc from 'fast-check';
import { turns } from '../testing/index.js';
import { SoloGate } from './solo-gate.js';

const FOR_EVER = 1_000_000;

/** Enters and keeps who is in. */
function visitor(gate: SoloGate) {
  const inside: string[] = [];
  const leave = new Map<string, () => void>();
  const enter = (name: string, alone: boolean) =>
    void (alone ? gate.enterAlone() : gate.enterShared()).then((leaver) => {
      inside.push(name);
      leave.set(name, () => {
        inside.splice(inside.indexOf(name), 1);
        leaver();
      });
    });
  return { inside, enter, leave: (name: string) => leave.get(name)?.() };
}

describe('SoloGate', () => {
  test('jobs without suspicion run side by side', async () => {
    const { inside, enter } = visitor(new SoloGate(FOR_EVER));
    enter('a', false);
    enter('b', false);
    await turns();
    expect(inside).toEqual(['a', 'b']);
  });

  test('a suspect waits for those that run, and those that come after wait for it', async () => {
    const gate = new SoloGate(FOR_EVER);
    const { inside, enter, leave } = visitor(gate);
    enter('a', false);
    enter('suspect', true);
    enter('b', false);
    enter('c', false);
    await turns();
    expect(inside).toEqual(['a']);
    leave('a');
    await turns();
    expect(inside).toEqual(['suspect']);
    leave('suspect');
    await turns();
    expect(inside).toEqual(['b', 'c']);
    expect(gate.idle).toBe(false);
    leave('b');
    leave('c');
    expect(gate.idle).toBe(true);
  });

  test('to leave twice counts once', async () => {
    const gate = new SoloGate(FOR_EVER);
    const leaveA = await gate.enterShared();
    await gate.enterShared();
    leaveA();
    leaveA();
    expect(gate.idle).toBe(false);
  });

  test('a suspect that waited long enough runs beside the others, and newcomers wait for it', async () => {
    const gate = new SoloGate(5);
    const { inside, enter, leave } = visitor(gate);
    enter('days long', false);
    await gate.enterAlone();
    enter('new', false);
    await turns();
    expect(inside).toEqual(['days long']);
    leave('days long');
    await turns();
    expect(inside).toEqual([]);
  });

  test('a suspect is never beside another job, and everybody gets in at last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), fc.infiniteStream(fc.nat()), async (suspects, choices) => {
        const gate = new SoloGate(FOR_EVER);
        const { inside, enter, leave } = visitor(gate);
        const isSuspect = (name: string) => suspects[Number(name)] === true;
        let entered = 0;
        suspects.forEach((alone, index) => enter(String(index), alone));
        await Promise.resolve().then(() => Promise.resolve());
        for (let name = inside[0]; name !== undefined; name = inside[(choices.next().value ?? 0) % inside.length]) {
          expect(inside.length === 1 || !inside.some(isSuspect)).toBe(true);
          leave(name);
          entered++;
          await turns(1);
        }
        expect(entered).toBe(suspects.length);
        expect(gate.idle).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
