import './outcome-table.test.js';
