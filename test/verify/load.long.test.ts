import './load.test.js';
