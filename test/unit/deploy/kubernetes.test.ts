import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentsOf, flagsOf } from './files.js';
import { knownFlags } from './known-flags.js';

const LABELS = z.record(z.string(), z.string());
const METADATA = z.strictObject({ name: z.string(), namespace: z.literal('netring'), labels: LABELS.optional() });
const SELECTOR = z.strictObject({ matchLabels: LABELS });
const PORT = z.union([z.int(), z.string()]);

const PROBE = z
  .strictObject({
    httpGet: z.strictObject({ path: z.string().startsWith('/'), port: PORT }).optional(),
    tcpSocket: z.strictObject({ port: PORT }).optional(),
    periodSeconds: z.int().positive(),
    timeoutSeconds: z.int().positive().optional(),
    failureThreshold: z.int().positive().optional(),
  })
  .refine(({ httpGet, tcpSocket }) => (httpGet === undefined) !== (tcpSocket === undefined));

const VARIABLE = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .union([
      z.strictObject({ secretKeyRef: z.strictObject({ name: z.literal('netring'), key: z.string() }) }),
      z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.enum(['spec.nodeName', 'status.podIP']) }) }),
    ])
    .optional(),
});

const QUANTITIES = z.strictObject({
  cpu: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  memory: z.string().regex(/^\d+Mi$/),
});

const CONTAINER = z.strictObject({
  name: z.string(),
  image: z.string().regex(/:[\w.-]+$/),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()),
  env: z.array(VARIABLE).optional(),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
  startupProbe: PROBE.optional(),
  readinessProbe: PROBE,
  livenessProbe: PROBE,
  resources: z.strictObject({ requests: QUANTITIES, limits: QUANTITIES }),
  // What the restricted standard of pod security wants.
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});

const POD = z.strictObject({
  metadata: z.strictObject({ labels: LABELS, annotations: LABELS.optional() }),
  spec: z.strictObject({
    automountServiceAccountToken: z.literal(false),
    terminationGracePeriodSeconds: z.int().optional(),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().positive(),
      runAsGroup: z.int().optional(),
      fsGroup: z.int(),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
      sysctls: z.array(z.strictObject({ name: z.literal('net.ipv4.ping_group_range'), value: z.string() })).optional(),
    }),
    topologySpreadConstraints: z.array(z.unknown()).optional(),
    containers: z.array(CONTAINER).length(1),
    volumes: z
      .array(
        z.strictObject({
          name: z.string(),
          secret: z.strictObject({
            secretName: z.literal('netring'),
            defaultMode: z.literal(0o440),
            items: z.array(z.strictObject({ key: z.string(), path: z.string() })),
          }),
        }),
      )
      .optional(),
  }),
});

const workload = <Kind extends string, Shape extends z.core.$ZodLooseShape>(kind: Kind, more: Shape) =>
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal(kind),
    metadata: METADATA,
    spec: z.strictObject({ selector: SELECTOR, template: POD, ...more }),
  });

const CLAIM = z.strictObject({
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    accessModes: z.array(z.literal('ReadWriteOnce')),
    resources: z.strictObject({ requests: z.strictObject({ storage: z.string() }) }),
  }),
});

const WORKLOAD = z.discriminatedUnion('kind', [
  workload('Deployment', { replicas: z.int() }),
  workload('StatefulSet', { replicas: z.int(), serviceName: z.string(), volumeClaimTemplates: z.array(CLAIM) }),
  workload('DaemonSet', { updateStrategy: z.unknown() }),
]);

const SERVICE = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: METADATA,
  spec: z.strictObject({
    selector: LABELS,
    ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
});

const PEER = z.strictObject({
  podSelector: SELECTOR.optional(),
  namespaceSelector: SELECTOR.optional(),
  ipBlock: z.strictObject({ cidr: z.string() }).optional(),
});
const POLICY_PORTS = z.array(z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.int() })).optional();

const POLICY = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata: METADATA,
  spec: z.strictObject({
    podSelector: z.union([z.strictObject({}), SELECTOR]),
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])).min(1),
    ingress: z.array(z.strictObject({ from: z.array(PEER), ports: POLICY_PORTS })).optional(),
    egress: z.array(z.strictObject({ to: z.array(PEER), ports: POLICY_PORTS })).optional(),
  }),
});

const BUDGET = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata: METADATA,
  spec: z.strictObject({ minAvailable: z.int(), selector: SELECTOR }),
});

const NAMESPACE = z.object({ apiVersion: z.literal('v1'), kind: z.literal('Namespace'), metadata: z.object({}) });

const ALL = ['namespace', 'redis', 'registry', 'member', 'network-policy']
  .flatMap((name) => documentsOf(`kubernetes/${name}.yaml`))
  .map((document) => z.union([WORKLOAD, SERVICE, POLICY, BUDGET, NAMESPACE]).parse(document));

const workloads = ALL.flatMap((each) => WORKLOAD.safeParse(each).data ?? []);
const services = ALL.flatMap((each) => SERVICE.safeParse(each).data ?? []);
const policies = ALL.flatMap((each) => POLICY.safeParse(each).data ?? []);

describe('the manifests for Kubernetes', () => {
  it('are a namespace, Redis, registries, members and policies', () => {
    expect(workloads.map(({ kind, metadata: { name } }) => [kind, name])).toEqual([
      ['StatefulSet', 'redis'],
      ['Deployment', 'registry'],
      ['DaemonSet', 'member'],
    ]);
    expect(policies.length).toBeGreaterThan(3);
  });

  it('select pods that there are', () => {
    const pods = workloads.map(({ spec }) => spec.template.metadata.labels);
    const isThere = (labels: Readonly<Record<string, string>>) =>
      pods.some((pod) => Object.entries(labels).every(([name, value]) => pod[name] === value));
    for (const { spec } of workloads) expect(isThere(spec.selector.matchLabels)).toBe(true);
    for (const { spec } of services) expect(isThere(spec.selector)).toBe(true);
    for (const { spec } of policies) {
      const peers = [
        ...(spec.ingress ?? []).flatMap(({ from }) => from),
        ...(spec.egress ?? []).flatMap(({ to }) => to),
      ];
      const ours = peers.filter(({ namespaceSelector }) => namespaceSelector === undefined);
      const selectors = [spec.podSelector, ...ours.map(({ podSelector = {} }) => podSelector)];
      for (const selector of selectors.flatMap((each) => SELECTOR.safeParse(each).data ?? [])) {
        expect(isThere(selector.matchLabels)).toBe(true);
      }
    }
  });

  it('ask ports that there are, and mount volumes that there are', () => {
    for (const { spec, metadata } of workloads) {
      const { containers, volumes = [] } = spec.template.spec;
      const claims = 'volumeClaimTemplates' in spec ? z.array(CLAIM).parse(spec.volumeClaimTemplates) : [];
      for (const { ports, startupProbe, readinessProbe, livenessProbe, volumeMounts } of containers) {
        const names: readonly unknown[] = ports.map(({ name }) => name);
        for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
          if (probe !== undefined) expect(names).toContain(probe.httpGet?.port ?? probe.tcpSocket?.port);
        }
        const service = services.find((each) => each.metadata.name === metadata.name);
        for (const { targetPort } of service?.spec.ports ?? []) expect(names).toContain(targetPort);
        const there = [...volumes.map(({ name }) => name), ...claims.map((claim) => claim.metadata.name)];
        expect(there).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
      }
    }
  });

  it('do not restart a registry because Redis is away', () => {
    const registry = workloads.find(({ metadata }) => metadata.name === 'registry')?.spec.template.spec.containers[0];
    expect([registry?.livenessProbe.httpGet?.path, registry?.readinessProbe.httpGet?.path]).toEqual(['/', '/']);
  });

  it('run commands that there are', () => {
    const commands = workloads
      .flatMap(({ spec }) => spec.template.spec.containers)
      .filter(({ args }) => args[0] === 'ring')
      .map(({ args }) => flagsOf(args));
    expect(commands.map(({ command }) => command)).toEqual(['registry', 'member']);
    for (const { command, flags } of commands) expect(knownFlags(command)).toEqual(expect.arrayContaining([...flags]));
  });

  it('let nothing pass but what is named', () => {
    const everything = policies.find(({ metadata }) => metadata.name === 'deny-all')?.spec;
    expect(everything).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const redis = policies.find(({ metadata }) => metadata.name === 'allow-redis')?.spec;
    expect(redis?.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'registry' } } }],
        ports: [{ protocol: 'TCP', port: 6379 }],
      },
    ]);
  });
});
