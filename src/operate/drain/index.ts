export { createDrainMonitor, type DrainMonitor, type DrainMonitorOptions } from './drain-monitor.js';
export type * from './drain-types.js';
export type { DrainQuestion } from './report/drain-question.js';
export { type DrainReportInput, drainReport } from './report/drain-report.js';
export { type ReadDrainReportOptions, readDrainReport } from './report/read-report.js';
export { createFileDrainStore, type FileDrainStoreOptions } from './stores/file-drain-store.js';
