import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { LiveEvents, MOST_VIEWERS } from '../../../../src/cli/commands/dashboard/live-events.js';
import { FakeClock } from '../../../support/fake-clock.js';

/** A browser that reads, or does not. */
class Viewer extends EventEmitter {
  text = '';
  writableLength = 0;

  write(text: string) {
    this.text += text;
  }

  destroy() {
    this.emit('close');
  }
}

function live() {
  const clock = new FakeClock();
  const seen = { begun: 0, ended: 0, version: 1 };
  const events = new LiveEvents({
    clock,
    beat: () => ({ version: seen.version, readAt: { state: clock.now() } }),
    work: async (signal) => {
      seen.begun += 1;
      signal.addEventListener('abort', () => {
        seen.ended += 1;
      });
    },
  });
  const view = () => {
    const viewer = new Viewer();
    events.add(viewer as unknown as ServerResponse);
    return viewer;
  };
  return { events, clock, seen, view };
}

const versionsIn = ({ text }: Viewer) => [...text.matchAll(/"version":(\d+)/g)].map(([, version]) => Number(version));

describe('the open pages', () => {
  it('are told at once what there is, how soon to come back, and then every two seconds', async () => {
    const { clock, view } = live();
    const viewer = view();
    expect(viewer.text).toMatch(/^retry: 2000\n\nevent: beat\ndata: \{"version":1,.*\}\n\n$/);
    await clock.advance(4_000);
    expect(versionsIn(viewer)).toEqual([1, 1, 1]);
  });

  it('are told of a change at once, all of them', () => {
    const { events, seen, view } = live();
    const viewers = [view(), view()];
    seen.version = 2;
    events.tell();
    expect(viewers.map(versionsIn)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('are read for once, however many they are, and no longer than one is open', async () => {
    const { clock, seen, view } = live();
    const [first, second] = [view(), view()];
    first.destroy();
    expect(seen).toMatchObject({ begun: 1, ended: 0 });
    second.destroy();
    expect(seen).toMatchObject({ begun: 1, ended: 1 });
    await clock.advance(10_000);
    expect(clock.sleeping).toBe(0);
    view();
    expect(seen).toMatchObject({ begun: 2, ended: 1 });
  });

  it('are limited', () => {
    const { events, view } = live();
    const viewers = Array.from({ length: MOST_VIEWERS }, view);
    expect(events.isFull).toBe(true);
    viewers[0]?.destroy();
    expect(events.isFull).toBe(false);
  });

  it('are let go of when they no longer read', () => {
    const { events, seen, view } = live();
    view().writableLength = 1_000_000;
    events.tell();
    expect(seen.ended).toBe(1);
  });

  it('end with the command', async () => {
    const { events, clock, seen, view } = live();
    view();
    events.close();
    await clock.advance(10_000);
    expect([seen.ended, clock.sleeping]).toEqual([1, 0]);
  });
});
