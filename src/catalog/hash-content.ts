import { createHash } from 'node:crypto';

/**
 * 16 hex digits of the hash of `JSON.stringify([content, vocabulary])`, taken piece by piece: V8 has no string that
 * holds the JSON of 25,000 trials, and one large piece would keep requests waiting.
 */
export function* hashInSteps(content: object, vocabulary: object): Generator<undefined, string> {
  const hash = createHash('sha256');
  let before = '[{';
  for (const [name, value] of Object.entries(content) as [string, unknown][]) {
    hash.update(`${before}${JSON.stringify(name)}:`);
    before = ',';
    if (Array.isArray(value)) {
      hash.update('[');
      for (const [place, one] of value.entries()) {
        hash.update(`${place === 0 ? '' : ','}${JSON.stringify(one)}`);
        yield;
      }
      hash.update(']');
    } else hash.update(JSON.stringify(value));
  }
  return hash
    .update(`},${JSON.stringify(vocabulary)}]`)
    .digest('hex')
    .slice(0, 16);
}
