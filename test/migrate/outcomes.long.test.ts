import './outcomes.test.js';
