/** A compiled validator of the package kubernetes-models; what it found wrong is on the function itself. */
export interface Validator {
  (subject: unknown): boolean;
  readonly errors?: readonly { instancePath: string; keyword: string; params: object }[] | null;
}

/**
 * What is wrong with an object of Kubernetes. Its API schema allows fields that it does not know, and a cluster drops
 * them without a word, so that a misspelt probe would be no probe. A field that the validator never looks at is one
 * that it does not know.
 */
export function findMistakes(validate: Validator, subject: object): string[] {
  const looked = new Set<string>();
  const isValid = validate(watch(subject, '', looked));
  const wrong = (validate.errors ?? []).map(
    ({ instancePath, keyword, params }) => `${instancePath}: ${keyword} ${JSON.stringify(params)}`,
  );
  const unknown = isValid ? listFields(subject, '').filter((field) => !looked.has(field)) : [];
  return [...wrong, ...unknown.map((field) => `${field}: unknown`)];
}

function watch(subject: object, path: string, looked: Set<string>): object {
  return new Proxy(subject, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol') return value;
      looked.add(`${path}/${name}`);
      return typeof value === 'object' && value !== null ? watch(value, `${path}/${name}`, looked) : value;
    },
  });
}

function listFields(subject: object, path: string): string[] {
  return Object.entries(subject).flatMap(([name, value]: [string, unknown]) => {
    const field = `${path}/${name}`;
    return typeof value === 'object' && value !== null ? [field, ...listFields(value, field)] : [field];
  });
}
