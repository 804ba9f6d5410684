/** Names of keys in the store, of one pack. One hash tag, so that a cluster keeps the keys of a script on one node. */
export function createStoreKeys(packKey: string): (name: string) => string {
  return (name) => `uab-all-trials:{${packKey}}:${name}`;
}
