import './differential.test.js';
