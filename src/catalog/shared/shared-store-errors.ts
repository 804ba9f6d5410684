/** The shared store cannot be asked now, or did not answer in time. What it holds is unknown, not empty. */
export class SharedStoreAway extends Error {
  override readonly name: string = 'SharedStoreAway';
}

/** The shared store answered with an error: what lies under a key is of another type, it is full, it only reads. */
export class SharedStoreRefused extends SharedStoreAway {
  override readonly name = 'SharedStoreRefused';
}
