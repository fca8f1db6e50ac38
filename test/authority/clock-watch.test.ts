import fc from "fast-check";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClockWatch } from "../../src/authority/clock-watch.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { metrics } from "../../src/observe/metrics.ts";
import { readClockState } from "../../src/store/clock-state.ts";
import { readJournal } from "../../src/store/journal.ts";
import { type TempStore, tempStore } from "../store/temp-store.ts";

const NOON = Date.UTC(2026, 10, 25, 12) / 1000;

let store: TempStore;
let watch: ClockWatch;
let alarms: string[];
/** What the machine's clock says, and the seconds since it started, which nobody can set. */
let clock: number;
let uptime: number;
/** Of these, the seconds that it slept. */
let slept: number;

beforeEach(async () => {
  store = tempStore();
  clock = NOON;
  uptime = 100;
  slept = 0;
  await begin();
});

afterEach(async () => {
  await watch.end();
  await store.close();
});

/** Starts as the authority does. */
async function begin(): Promise<void> {
  alarms = [];
  const log = pino({ level: "error" }, { write: (line: string) => void alarms.push(line) });
  watch = new ClockWatch({
    store: store.store,
    clock: () => clock,
    monotonic: () => uptime - slept,
    uptime: () => uptime,
    log,
  });
  watch.maySign();
}

/** Ends as the authority does, and starts again after so many seconds with the clock at `then`. */
async function restart(seconds: number, then: number): Promise<void> {
  await watch.end();
  uptime += seconds;
  clock = then;
  await begin();
}

/** Time passes, and is looked at each second as it is while the authority runs. */
function pass(seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    clock++;
    uptime++;
    watch.maySign();
  }
}

const stopped = async (): Promise<boolean> => {
  const maySign = watch.maySign();
  const { values } = await metrics.signingStopped.get();
  expect(values[0]?.value).toBe(maySign ? 0 : 1);
  return !maySign;
};

describe("signing goes on", () => {
  it("while the clock runs with the time that passes, days on end", async () => {
    pass(3 * 86_400);
    expect(await stopped()).toBe(false);
    expect(watch.now()).toBe(NOON + 3 * 86_400);
    expect(alarms).toEqual([]);
  });

  it.each([
    ["set back by 5 s", -5],
    ["set forward by 60 s", 60],
  ])("when it is %s", async (_, step) => {
    pass(10);
    clock += step;
    expect(await stopped()).toBe(false);
    expect(watch.now()).toBe(clock);
  });

  it("when it gains 20 s in each of many hours", async () => {
    for (let hour = 0; hour < 20; hour++) {
      clock += 20;
      pass(3_601);
    }
    expect(await stopped()).toBe(false);
  });

  it("when the machine slept, or was busy, for a day: time passed", async () => {
    clock += 86_400;
    uptime += 86_400;
    expect(await stopped()).toBe(false);
    for (let night = 0; night < 3; night++) {
      clock += 86_400;
      uptime += 86_400;
      slept += 86_400;
      expect(await stopped()).toBe(false);
      pass(10);
    }
  });

  it.each([0, 3_600, 400 * 86_400])("at a start after a stop of %d s", async (seconds) => {
    pass(10);
    await restart(seconds, clock + seconds);
    expect(await stopped()).toBe(false);
  });

  it("at a start of the machine, whose uptime begins anew", async () => {
    pass(10);
    await watch.end();
    uptime = 3;
    slept = 0;
    clock += 120;
    await begin();
    expect(await stopped()).toBe(false);
  });
});

describe("signing stops", () => {
  it.each([
    ["set back by 6 s", -6],
    ["set back by a day", -86_400],
    ["set forward by 62 s", 62],
    ["set forward by a year", 365 * 86_400],
  ])("when it is %s, at once and with one alarm", async (_, step) => {
    pass(10);
    clock += step;
    expect(await stopped()).toBe(true);
    pass(5);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatch(/"level":50.*vouch clock accept.*signing is stopped/);
    // The time goes on as if nobody had touched the clock.
    expect(watch.now()).toBe(NOON + 15);
  });

  it("when steps within an hour add up to more than 60 s", async () => {
    for (let step = 0; step < 4; step++) {
      pass(60);
      clock += 20;
    }
    expect(await stopped()).toBe(true);
  });

  it("at a start with the clock behind what was last seen", async () => {
    pass(10);
    await restart(60, NOON);
    expect(await stopped()).toBe(true);
    expect(watch.now()).toBe(NOON + 10);
    expect(watch.stopped?.reason).toMatch(/is 10 s behind the last time seen/);
  });

  it("when the machine slept, and woke up with another time", async () => {
    clock += 2 * 86_400;
    uptime += 86_400;
    slept += 86_400;
    expect(await stopped()).toBe(true);
    expect(watch.now()).toBe(NOON + 86_400);
  });

  it("and stays so when the clock comes right by itself", async () => {
    clock -= 3_600;
    expect(await stopped()).toBe(true);
    clock += 3_600;
    expect(await stopped()).toBe(true);
  });

  it("and stays so through a restart, also where a start by itself would be no jump", async () => {
    clock += 86_400;
    expect(await stopped()).toBe(true);
    const reason = watch.stopped?.reason;
    await restart(60, clock + 60);
    expect(await stopped()).toBe(true);
    expect(watch.stopped?.reason).toBe(reason);
    expect(alarms).toHaveLength(1);
  });
});

describe("what is kept", () => {
  it("is at most a few seconds old after a crash, so that a clock behind it is found", async () => {
    watch.start();
    const began = clock;
    pass(3_600);
    await expect.poll(() => seen()).toBeGreaterThan(began + 3_590);
    // A crash: nothing is kept at the end. The machine comes back with a clock that is an hour behind.
    const crashed = watch;
    clock -= 3_600;
    uptime = 5;
    await begin();
    expect(await stopped()).toBe(true);
    await crashed.end();
  });

  function seen(): number {
    store.store.refresh();
    return readClockState(store.store)?.seen ?? 0;
  }
});

describe("accept", () => {
  it("ends the stop with the clock as it is, journalled with what was expected", async () => {
    pass(10);
    clock -= 7_200;
    expect(await stopped()).toBe(true);
    const report = await watch.accept("lan");
    const at = rfc3339(NOON + 10 - 7_200);
    const expected = rfc3339(NOON + 10);
    expect(report).toEqual({ changed: 1, clock: at, expected, sequence: 1 });
    expect(readJournal(store.store, 1)).toEqual({
      sequence: 1,
      action: "clock",
      by: "lan",
      at,
      expected,
    });
    expect(await stopped()).toBe(false);
    expect(watch.now()).toBe(clock);
    pass(100);
    expect(await stopped()).toBe(false);
    await restart(10, clock + 10);
    expect(await stopped()).toBe(false);
  });

  it("changes nothing where signing goes on", async () => {
    expect(await watch.accept("lan")).toMatchObject({ changed: 0, sequence: null });
    expect(readJournal(store.store, 1)).toBeUndefined();
  });

  it("holds until the next jump", async () => {
    clock += 86_400;
    expect(await stopped()).toBe(true);
    await watch.accept("lan");
    pass(10);
    clock -= 86_400;
    expect(await stopped()).toBe(true);
  });
});

describe("the time that is told", () => {
  it("never goes back by more than 5 s while nobody accepts a clock, whatever is done to it", async () => {
    const step = fc.record({
      jump: fc.oneof(fc.constant(0), fc.integer({ min: -100_000, max: 100_000 })),
      passes: fc.integer({ min: 0, max: 5_000 }),
      restarts: fc.boolean(),
    });
    let last = watch.now();
    await fc.assert(
      fc.asyncProperty(step, async ({ jump, passes, restarts }) => {
        clock += jump + passes;
        uptime += passes;
        if (restarts) await restart(0, clock);
        const now = watch.now();
        expect(now).toBeGreaterThanOrEqual(last - 5);
        last = Math.max(last, now);
      }),
      { numRuns: 300 },
    );
  });
});
