export { createDrainMonitor, type DrainMonitor, type DrainMonitorOptions } from './drain-monitor.js';
export type { DrainQuestion } from './drain-question.js';
export { type DrainReportInput, drainReport } from './drain-report.js';
export type * from './drain-types.js';
export { createFileDrainStore, type FileDrainStoreOptions } from './file-drain-store.js';
export { type ReadDrainReportOptions, readDrainReport } from './read-report.js';
