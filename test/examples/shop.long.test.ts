// In both layouts and both sets of colours.
import './shop.test.js';
