// With axe on every screen for each page.
import './accessibility.test.js';
