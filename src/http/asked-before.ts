/** So many different questions are asked between one and its repetition, before it counts as new. */
const SLOTS = 8_192;

/**
 * Tells whether a text was asked about a while ago, by its hash. Two texts that share a place forget each other, and
 * two of one hash are taken for one: so nothing is made for a text that never comes again.
 */
export function createAskedBefore(): (text: string) => boolean {
  const hashes = new Uint32Array(SLOTS);
  return (text) => {
    const hash = hashText(text);
    const place = hash % SLOTS;
    if (hashes[place] === hash) return true;
    hashes[place] = hash;
    return false;
  };
}

/** FNV-1a. Zero is what a place holds at first. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++)
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return hash >>> 0 || 1;
}
