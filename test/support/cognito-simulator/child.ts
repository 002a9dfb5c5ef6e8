import { once } from 'node:events';
import { startSimulator } from './index.js';

const [options] = await once(process, 'message');
const simulator = await startSimulator(options);
process.send?.(simulator.endpoint);
process.on('disconnect', () => process.exit());
