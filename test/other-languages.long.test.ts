import './other-languages.test.js';
