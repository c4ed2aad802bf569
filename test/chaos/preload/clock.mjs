// Loaded before the built product: a wall clock that is wrong by CLOCK_SKEW_MS. Monotonic time stays right, as on a
// machine whose clock is set wrong.

const skew = Number(process.env.CLOCK_SKEW_MS ?? 0);
if (skew !== 0) {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...args) {
      super(...(args.length === 0 ? [Real.now() + skew] : args));
    }
    static now() {
      return Real.now() + skew;
    }
  };
}
