// With axe on every screen and in every state of the sources.
import './browser.test.js';
