import './end-to-end.test.js';
