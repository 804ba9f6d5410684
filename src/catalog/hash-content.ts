import { createHash, type Hash } from 'node:crypto';

/** The pieces of `JSON.stringify(content)`: V8 has no string that holds the JSON of 25,000 trials, and one large piece would keep requests waiting. */
export function* jsonInPieces(content: object): Generator<string> {
  let before = '{';
  for (const [name, value] of Object.entries(content) as [string, unknown][]) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    before = ',';
    if (Array.isArray(value)) {
      yield '[';
      for (const [place, one] of value.entries()) yield `${place === 0 ? '' : ','}${JSON.stringify(one)}`;
      yield ']';
    } else yield JSON.stringify(value);
  }
  yield before === '{' ? '{}' : '}';
}

/** Adds the JSON of the content to a hash, piece by piece. */
export function* addInSteps(hash: Hash, content: object): Generator<undefined, Hash> {
  for (const piece of jsonInPieces(content)) {
    hash.update(piece);
    yield;
  }
  return hash;
}

/** 16 hex digits of the hash of `JSON.stringify([content, vocabulary])`. */
export function* hashInSteps(content: object, vocabulary: object): Generator<undefined, string> {
  const hash = yield* addInSteps(createHash('sha256').update('['), content);
  return hash
    .update(`,${JSON.stringify(vocabulary)}]`)
    .digest('hex')
    .slice(0, 16);
}
