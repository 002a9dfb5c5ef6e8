// Every page, with axe on every screen.
import './accessibility.test.js';
