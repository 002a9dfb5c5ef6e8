import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/legacy-id/breaker.js';
import { FakeClock } from '../support/fake-clock.js';

function setUp() {
  const clock = new FakeClock();
  const breaker = new Breaker(3, 10_000, clock);
  const fail = (times: number) => {
    for (let n = 0; n < times; n++) breaker.failed();
  };
  return { clock, breaker, fail };
}

describe('Breaker', () => {
  it('opens after that many failures in a row, and not before', () => {
    const { breaker, fail } = setUp();
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.refusesForMs).toBe(0);
    fail(1);
    expect(breaker.refusesForMs).toBe(10_000);
  });

  it('counts the failures of calls that began together', () => {
    const { breaker } = setUp();
    for (const call of [breaker.started(), breaker.started(), breaker.started()]) breaker.failed(call);
    expect(breaker.isOpen).toBe(true);
  });

  it('ignores what a call found out that began before it opened', async () => {
    const { breaker, fail, clock } = setUp();
    const old = breaker.started();
    fail(3);
    breaker.succeeded(old);
    breaker.abandoned(old);
    expect(breaker.refusesForMs).toBe(10_000);
    await clock.advance(10_000);
    const probe = breaker.started();
    breaker.failed(old);
    breaker.succeeded(old);
    breaker.abandoned(old);
    expect(breaker.refusesForMs).toBe(1);
    breaker.succeeded(probe);
    expect(breaker.refusesForMs).toBe(0);
  });

  it('says how long it still refuses', async () => {
    const { breaker, fail, clock } = setUp();
    fail(3);
    await clock.advance(9_999);
    expect(breaker.refusesForMs).toBe(1);
    await clock.advance(1);
    expect(breaker.refusesForMs).toBe(0);
  });

  it('lets one probe through after that time, and everyone once it succeeded', async () => {
    const { breaker, fail, clock } = setUp();
    fail(3);
    await clock.advance(10_000);
    breaker.started();
    expect(breaker.refusesForMs).toBeGreaterThan(0);
    breaker.succeeded();
    expect(breaker.refusesForMs).toBe(0);
    breaker.started();
    expect(breaker.refusesForMs).toBe(0);
  });

  it('refuses for the whole time again when the probe failed', async () => {
    const { breaker, fail, clock } = setUp();
    fail(3);
    await clock.advance(10_000);
    breaker.started();
    breaker.failed();
    expect(breaker.refusesForMs).toBe(10_000);
  });

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('is neither kept shut nor opened by a wall clock set %s', async (_name, byMs) => {
    const { breaker, fail, clock } = setUp();
    fail(3);
    await clock.advance(4_000);
    clock.setWallClock(byMs);
    expect(breaker.refusesForMs).toBe(6_000);
    await clock.advance(6_000);
    expect(breaker.refusesForMs).toBe(0);
  });

  it('lets another probe through when the first told nothing', async () => {
    const { breaker, fail, clock } = setUp();
    fail(3);
    await clock.advance(10_000);
    breaker.started();
    breaker.abandoned();
    expect(breaker.refusesForMs).toBe(0);
    breaker.started();
    expect(breaker.refusesForMs).toBeGreaterThan(0);
  });
});
