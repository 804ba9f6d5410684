import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace';
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret';
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount';
import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as ingress } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress';
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy';
import { validate as disruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { buildTestApp } from '../support/test-app.ts';
import { findMistakes, type Validator } from './find-unknown-fields.ts';
import { checkSettings, dockerfile, isServed, listPaths, version } from './deployment.ts';

/** No cluster is at hand here: what `kubeconform` would check is checked by the API's own schemas, as a package. */

const VALIDATOR: Readonly<Record<string, Validator>> = {
  ConfigMap: configMap,
  Deployment: deployment,
  Ingress: ingress,
  Namespace: namespace,
  NetworkPolicy: networkPolicy,
  PodDisruptionBudget: disruptionBudget,
  Secret: secret,
  Service: service,
  ServiceAccount: serviceAccount,
};
const FOLDER = 'deploy/kubernetes';
const FILES = (await readdir(FOLDER)).toSorted();

interface Probe {
  readonly httpGet: { path: string; port: string };
}
interface Container {
  readonly image: string;
  readonly ports: { name: string; containerPort: number }[];
  readonly envFrom: { configMapRef: { name: string } }[];
  readonly env: { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: { preStop: { sleep: { seconds: number } } };
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
  readonly securityContext: object;
  readonly volumeMounts: { name: string; mountPath: string }[];
}
interface Pod {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly topologySpreadConstraints: { labelSelector: { matchLabels: Labels } }[];
  readonly containers: [Container];
  readonly volumes: { name: string; emptyDir: object }[];
}
type Labels = Record<string, string>;
interface Namespaced {
  readonly name: string;
  readonly namespace?: string;
}
interface Deployment {
  readonly replicas: number;
  readonly strategy: { rollingUpdate: { maxSurge: number; maxUnavailable: number } };
  readonly selector: { matchLabels: Labels };
  readonly template: { metadata: { labels: Labels }; spec: Pod };
}

const read = async <Shape = Record<string, unknown>>(file: string): Promise<Shape> =>
  parse(await readFile(`${FOLDER}/${file}`, 'utf8')) as Shape;
const specOf = async <Spec>(file: string): Promise<Spec> => (await read<{ spec: Spec }>(file)).spec;

const { server } = await buildTestApp();
const { replicas, strategy, selector, template } = await specOf<Deployment>('deployment.yaml');
const pod = template.spec;
const [container] = pod.containers;

describe.each(FILES.filter((file) => file !== 'kustomization.yaml'))('%s', (file) => {
  test('has the shape that the API asks for, and no field that it does not know', async () => {
    const found = await read<{ kind: string }>(file);
    const validator = VALIDATOR[found.kind];
    expect(validator, found.kind).toBeDefined();
    expect(findMistakes(validator as Validator, found)).toEqual([]);
  });
});

test('a misspelt field and a wrong type are found', async () => {
  const found = await read<{ spec: Deployment }>('deployment.yaml');
  const misspelt = structuredClone(found) as { spec: { template: { spec: { containers: [object] } } } };
  Object.assign(misspelt.spec.template.spec.containers[0], { livenessProb: {} });
  expect(findMistakes(deployment, misspelt)).toEqual([
    '/spec/template/spec/containers/0/livenessProb: unknown',
  ]);
  Object.assign(misspelt.spec, { replicas: 'three' });
  expect(findMistakes(deployment, misspelt)).toContain('/spec/replicas: type {"type":"integer"}');
});

test('the kustomization names every file but the examples', async () => {
  const { resources } = await read<{ resources: string[] }>('kustomization.yaml');
  const others = FILES.filter((file) => file !== 'kustomization.yaml' && !file.endsWith('.example.yaml'));
  expect(resources.toSorted()).toEqual(others);
});

// Needs the client and no cluster.
test.skipIf(spawnSync('kubectl', ['version', '--client']).status !== 0)('kubectl builds it', () => {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', FOLDER], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const built = parseAllDocuments(stdout).map((one) => one.toJS() as { kind: string; metadata: Namespaced });
  expect(built.length).toBeGreaterThan(5);
  for (const one of built) {
    expect(findMistakes(VALIDATOR[one.kind] as Validator, one)).toEqual([]);
    expect(one.kind === 'Namespace' ? one.metadata.name : one.metadata.namespace).toBe('uab-all-trials');
  }
});

test('the image is pinned to the version of package.json', async () => {
  const { images } = await read<{ images: { name: string; newTag: string }[] }>('kustomization.yaml');
  expect(container.image).toBe(`uab-all-trials:${version}`);
  expect(images.map(({ name, newTag }) => `${name}:${newTag}`)).toEqual([container.image]);
});

test('settings exist and may have these values', async () => {
  const { metadata, data } = await read<{ metadata: { name: string }; data: Record<string, string> }>(
    'config-map.yaml',
  );
  const example = await read<{ metadata: { name: string }; stringData: Record<string, string> }>(
    'secret.example.yaml',
  );
  expect(container.envFrom.map(({ configMapRef }) => configMapRef.name)).toEqual([metadata.name]);
  const secrets = container.env.map(({ name, valueFrom: { secretKeyRef } }) => {
    expect(secretKeyRef.name).toBe(example.metadata.name);
    return [name, example.stringData[secretKeyRef.key] ?? ''];
  });
  expect(secrets.length).toBeGreaterThan(0);
  checkSettings({ ...dockerfile.environment, ...data, ...Object.fromEntries(secrets) });
});

test('three replicas, of which none is ended before a new one is ready', () => {
  expect(replicas).toBe(3);
  expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
});

test('probes name routes and the port of the image', async () => {
  const { startupProbe, livenessProbe, readinessProbe, ports } = container;
  expect(ports).toEqual([{ name: 'http', containerPort: dockerfile.port }]);
  const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
  expect(probes.map(({ path }) => path)).toEqual(['/health/live', '/health/live', '/health/ready']);
  for (const { path, port } of probes) {
    expect(port).toBe('http');
    expect((await server.inject(path)).statusCode).toBe(200);
  }
});

test('a stop has the 15 seconds of docs/operations.md beside the preStop', () => {
  const { sleep } = container.lifecycle.preStop;
  expect(pod.terminationGracePeriodSeconds - sleep.seconds).toBeGreaterThanOrEqual(15);
});

test('runs as the image’s user, with a read-only root, without capabilities or a token', async () => {
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: dockerfile.user,
    runAsGroup: dockerfile.user,
    fsGroup: dockerfile.user,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const account = await read<{ metadata: { name: string }; automountServiceAccountToken: boolean }>(
    'service-account.yaml',
  );
  expect(pod.serviceAccountName).toBe(account.metadata.name);
  expect([account.automountServiceAccountToken, pod.automountServiceAccountToken]).toEqual([false, false]);
});

test('is limited, and writes only in DATA_DIR', () => {
  const { requests, limits } = container.resources;
  for (const resource of ['cpu', 'memory', 'ephemeral-storage'])
    expect([requests[resource], limits[resource]], resource).not.toContain(undefined);
  expect(limits['memory']).toBe('512Mi');
  expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
    dockerfile.environment['DATA_DIR'],
  ]);
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
});

test('everything that selects pods selects these', async () => {
  const budget = await specOf<{ maxUnavailable: number; selector: { matchLabels: Labels } }>(
    'disruption-budget.yaml',
  );
  const policy = await specOf<{ podSelector: { matchLabels: Labels } }>('network-policy.yaml');
  const { selector: ofService, ports } = await specOf<{ selector: Labels; ports: { targetPort: string }[] }>(
    'service.yaml',
  );
  const { labels } = template.metadata;
  expect(Object.keys(labels)).not.toEqual([]);
  const spread = pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels);
  for (const selected of [
    ofService,
    selector.matchLabels,
    budget.selector.matchLabels,
    policy.podSelector.matchLabels,
    ...spread,
  ])
    expect(selected).toEqual(labels);
  expect(ports.map(({ targetPort }) => targetPort)).toEqual(['http']);
  expect(budget.maxUnavailable).toBe(1);
});

test('the network policy opens what is needed and nothing else', async () => {
  interface Rule {
    readonly from?: object[];
    readonly to?: { ipBlock?: { cidr: string; except: string[] } }[];
    readonly ports: { protocol: string; port: number | string }[];
  }
  const policy = await specOf<{ policyTypes: string[]; ingress: Rule[]; egress: Rule[] }>(
    'network-policy.yaml',
  );
  expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
  const { egress, ingress } = policy;
  expect(ingress.map(({ from, ports }) => [from?.length, ports])).toEqual([
    [2, [{ protocol: 'TCP', port: 'http' }]],
  ]);
  expect(egress.flatMap(({ ports }) => ports.map(({ protocol, port }) => `${protocol} ${port}`))).toEqual([
    'UDP 53',
    'TCP 53',
    'TCP 6379',
    'TCP 443',
  ]);
  // A rule without `to` would open its port to everybody.
  expect(egress.map(({ to }) => (to ?? []).length > 0)).toEqual([true, true, true]);
  const open = egress.flatMap(({ to }) => to ?? []).flatMap(({ ipBlock }) => ipBlock ?? []);
  expect(open.find(({ cidr }) => cidr === '0.0.0.0/0')?.except).toEqual(
    expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
  );
});

test('the ingress lets every public route out, and neither metrics nor probes', async () => {
  interface Path {
    readonly path: string;
    readonly pathType: 'Exact' | 'Prefix';
  }
  const { rules } = await specOf<{ rules: { http: { paths: Path[] } }[] }>('ingress.example.yaml');
  const paths = rules.flatMap(({ http }) => http.paths);
  const lets = (path: string): boolean =>
    paths.some((one) => path === one.path || (one.pathType === 'Prefix' && path.startsWith(`${one.path}/`)));
  for (const { path } of paths) expect(await isServed(server, path), path).toBe(true);
  const isInner = (path: string): boolean => path === '/metrics' || path.startsWith('/health/');
  const routes = await listPaths(server);
  expect(routes.filter((path) => lets(path) === isInner(path))).toEqual([]);
  for (const path of [
    '/',
    '/docs/static/index.html',
    '/openapi.json',
    '/problems/gone',
    '/embed/v1/',
    '/widget/',
    '/assets/x/finder.js',
  ])
    expect(lets(path), path).toBe(true);
});
