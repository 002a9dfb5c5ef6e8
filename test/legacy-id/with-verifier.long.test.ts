import './with-verifier.test.js';
