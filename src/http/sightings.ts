/**
 * Tells who was here before from who was not, roughly: it remembers the last few thousand, may forget one sooner, and
 * takes one in four billion for another. Nobody is held by it, and there is nothing to collect.
 */
export function createSightings(places: number): { wasHere: (name: string) => boolean } {
  const seen = new Uint32Array(places);
  return {
    /** Whether it was, and from now on it was. */
    wasHere(name) {
      const hashed = hashQuickly(name);
      const place = hashed % places;
      const wasHere = seen[place] === hashed;
      seen[place] = hashed;
      return wasHere;
    },
  };
}

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, over the signs of a text; never 0, which stands for nobody. */
function hashQuickly(text: string): number {
  let hashed = FNV_BASIS;
  for (let place = 0; place < text.length; place++)
    hashed = Math.imul(hashed ^ text.charCodeAt(place), FNV_PRIME);
  return hashed >>> 0 || 1;
}
