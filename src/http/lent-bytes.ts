/** What is longer is rare, and gets memory of its own. */
const LARGEST_ROOM_BYTES = 256 * 1024;
const SMALLEST_ROOM_BYTES = 4 * 1024;

/** Rooms that are free, by their size. */
const rooms = new Map<number, Buffer>();

/**
 * Fills bytes that are needed for a moment, in a room that is used again: memory outside of the heap is dear to take
 * and to give back, and each piece of it brings the next look through the heap nearer.
 * @param use is the only one to see the bytes, and says whether it is done with them. Where it is not, or fails, they
 * stay as they are, and the room is never used again.
 */
export function lendBytes(
  length: number,
  fill: (bytes: Buffer) => void,
  use: (bytes: Buffer) => boolean,
): void {
  const size = findRoomSize(length);
  const room = rooms.get(size) ?? Buffer.allocUnsafeSlow(size);
  // Not free meanwhile: who lends within a use gets another one.
  rooms.delete(size);
  const bytes = room.subarray(0, length);
  fill(bytes);
  const isDone = use(bytes);
  if (isDone && size <= LARGEST_ROOM_BYTES) rooms.set(size, room);
}

/** The same for who is done with them when it returns. */
export function workOnBytes<Result>(
  length: number,
  fill: (bytes: Buffer) => void,
  work: (bytes: Buffer) => Result,
): Result {
  const results: Result[] = [];
  lendBytes(length, fill, (bytes) => results.push(work(bytes)) > 0);
  return results[0] as Result;
}

/** A power of two, so that who is slow to take his bytes holds less than twice of them. */
function findRoomSize(length: number): number {
  if (length > LARGEST_ROOM_BYTES) return length;
  return Math.max(SMALLEST_ROOM_BYTES, 2 ** Math.ceil(Math.log2(length)));
}
