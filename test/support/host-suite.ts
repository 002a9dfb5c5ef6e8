import { describe } from 'vitest';
import type { TestPools } from '../../src/testing/index.js';
import type { HostParts } from './host-kit.js';
import { answersSuite } from './host-suite/answers.js';
import { guardsSuite } from './host-suite/guards.js';
import { labOf } from './host-suite/lab.js';
import { observingSuite } from './host-suite/observing.js';
import { publishedSuite } from './host-suite/published.js';
import { stacksSuite } from './host-suite/stacks.js';
import { underWaySuite } from './host-suite/under-way.js';

/** What holds behind every framework, over HTTP. */
export function hostSuite(host: HostParts, pools: TestPools): void {
  describe(host.name, () => {
    const lab = labOf(host);
    answersSuite(lab);
    guardsSuite(lab);
    stacksSuite(lab);
    observingSuite(lab);
    underWaySuite(lab);
    publishedSuite(lab, pools);
  });
}
