import './write-results.test.js';
