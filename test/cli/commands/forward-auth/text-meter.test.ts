import { describe, expect, it } from 'vitest';
import { TextMeter } from '../../../../src/cli/commands/forward-auth/text-meter.js';

describe('the text for Prometheus', () => {
  it('has counters, with what could end a label escaped', () => {
    const meter = new TextMeter();
    const counter = meter.createCounter('a.b', { description: 'What it is.' });
    for (const pool of ['x', 'x', 'a"b\\c\nd']) counter.add(1, { 'the.pool': pool, cached: true });
    expect(meter.text().split('\n')).toEqual([
      '# HELP a_b_total What it is.',
      '# TYPE a_b_total counter',
      'a_b_total{the_pool="x",cached="true"} 2',
      'a_b_total{the_pool="a\\"b\\\\c\\nd",cached="true"} 1',
      '',
    ]);
  });

  it('has no series twice, though half a character has no bytes of its own', () => {
    const meter = new TextMeter();
    const [counter, gauge] = [meter.createCounter('a'), meter.createObservableGauge('g')];
    const names = ['\ud800', '\udfff', '\ufffd'];
    for (const client of names) counter.add(1, { client });
    gauge.addCallback((result) => {
      for (const [value, client] of names.entries()) result.observe(value, { client });
      result.observe(7, { client: '😀' });
    });
    expect(meter.text().match(/^\w.*$/gm)).toEqual([
      'a_total{client="\ufffd"} 3',
      'g{client="\ufffd"} 2',
      'g{client="😀"} 7',
    ]);
  });

  it('has histograms, whose buckets hold all below them', () => {
    const meter = new TextMeter();
    const histogram = meter.createHistogram('t', { advice: { explicitBucketBoundaries: [0.1, 1] } });
    for (const value of [0.1, 0.5, 2]) histogram.record(value, { a: 'b' });
    histogram.record(0.25);
    expect(meter.text().split('\n').slice(2, -1)).toEqual([
      't_bucket{a="b",le="0.1"} 1',
      't_bucket{a="b",le="1"} 2',
      't_bucket{a="b",le="+Inf"} 3',
      't_sum{a="b"} 2.6',
      't_count{a="b"} 3',
      't_bucket{le="0.1"} 0',
      't_bucket{le="1"} 1',
      't_bucket{le="+Inf"} 1',
      't_sum 0.25',
      't_count 1',
    ]);
  });

  it('asks gauges when it is read', () => {
    const meter = new TextMeter();
    let value = 1;
    meter.watch('now', 'A number.', () => value);
    const gauge = meter.createObservableGauge('g');
    const callback = (result: { observe: (value: number, to: object) => void }) => result.observe(7, { a: 1 });
    gauge.addCallback(callback as never);
    value = 2;
    expect(meter.text()).toContain('\nnow 2\n');
    expect(meter.text()).toContain('g{a="1"} 7');
    gauge.removeCallback(callback as never);
    expect(meter.text()).not.toContain('} 7');
  });
});
