// Processes on one state for longer.
import './file-start.test.js';
