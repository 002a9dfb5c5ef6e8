import { userHash } from '../../../../src/operate/drain/count/user-hash.js';
import { UserSketch } from '../../../../src/operate/drain/count/user-sketch.js';

/** A sketch of the users `from` to `until`, each named by its number and a seed. */
export function sketchOf(from: number, until: number, seed = ''): UserSketch {
  const sketch = new UserSketch();
  for (let user = from; user < until; user += 1) sketch.add(userHash(`${seed}user-${user}`));
  return sketch;
}
