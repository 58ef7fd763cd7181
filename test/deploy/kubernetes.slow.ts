import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { Service } from "kubernetes-types/core/v1.d.ts";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.d.ts";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.d.ts";
import { documentIn, variables } from "./documents.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The module of `kubernetes-types` that has the types of an `apiVersion`. */
const TYPES: Readonly<Record<string, string>> = {
  v1: "core/v1",
  "apps/v1": "apps/v1",
  "policy/v1": "policy/v1",
  "networking.k8s.io/v1": "networking/v1",
};

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly namespace: string;
  readonly images: readonly { readonly name: string }[];
}

const kubernetes = <T>(name: string): T => documentIn<T>(`kubernetes/${name}`);

describe("deploy/kubernetes", () => {
  const { resources, namespace, images } = kubernetes<Kustomization>("kustomization.yaml");
  const deployment = kubernetes<Deployment>("deployment.yaml");
  const pod = deployment.spec!.template;
  const [server] = pod.spec!.containers;
  const labels = pod.metadata!.labels!;
  const variable = (name: string) => server!.env!.find((one) => one.name === name);

  it("[MP91] every manifest is of its kind, with all that it needs and no field that Kubernetes does not know", function () {
    this.timeout(60_000);
    // The compiler is stricter with a literal than with a value: it refuses fields that the type does not have.
    const check = (manifest: Manifest): string => {
      const module = TYPES[manifest.apiVersion];
      assert.ok(module !== undefined, manifest.apiVersion);
      return `import type { ${manifest.kind} } from "kubernetes-types/${module}.d.ts";
export const ${manifest.kind.toLowerCase()}: ${manifest.kind} = ${JSON.stringify(manifest)};
`;
    };
    const manifests = resources.map((name) => kubernetes<Manifest>(name));
    const wrong = structuredClone(kubernetes<Deployment>("deployment.yaml"));
    Object.assign(wrong.spec!.template.spec!.containers[0]!, { readynessProbe: {} });
    mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
    const folder = mkdtempSync(join(ROOT, "node_modules/.cache/manifests-"));
    const compile = (files: Readonly<Record<string, string>>): string => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const compilerOptions = { noEmit: true, strict: true, module: "nodenext", types: [], skipLibCheck: true };
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { ...compilerOptions, allowImportingTsExtensions: true },
          files: Object.keys(files),
        }),
      );
      try {
        execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], { stdio: "pipe" });
        return "";
      } catch (error) {
        return String((error as { stdout: Buffer }).stdout);
      }
    };
    try {
      assert.equal(compile(Object.fromEntries(manifests.map((one, i) => [`manifest-${i}.ts`, check(one)]))), "");
      assert.match(compile({ "wrong.ts": check(wrong as Manifest) }), /readynessProbe/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("[MP91] a pod has time to be left alone by balancers and then to hand its sessions over", () => {
    const grace = Number(variable("SHUTDOWN_GRACE_SECONDS")!.value);
    const [program, seconds] = server!.lifecycle!.preStop!.exec!.command!;
    assert.equal(program, "sleep");
    assert.ok(pod.spec!.terminationGracePeriodSeconds! > Number(seconds) + grace);
    assert.deepEqual(server!.readinessProbe!.httpGet, { path: "/readyz", port: "http" });
    assert.deepEqual(server!.livenessProbe!.httpGet, { path: "/healthz", port: "http" });
    assert.deepEqual(deployment.spec!.strategy!.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
    const budget = kubernetes<PodDisruptionBudget>("pod-disruption-budget.yaml").spec!;
    assert.equal(budget.maxUnavailable, 1);
    assert.deepEqual(budget.selector!.matchLabels, labels);
  });

  it("[MP91] each pod has its own address as INTERNAL_URL; secrets come from a Secret, all variables are the server's", () => {
    const names = server!.env!.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => name !== "POD_IP" && !variables().has(name)),
      [],
    );
    assert.ok(names.indexOf("POD_IP") < names.indexOf("INTERNAL_URL"), "it is there when it is needed");
    assert.equal(variable("POD_IP")!.valueFrom!.fieldRef!.fieldPath, "status.podIP");
    assert.equal(variable("INTERNAL_URL")!.value, `http://$(POD_IP):${server!.ports![0]!.containerPort}`);
    for (const secret of ["MONGODB_URI", "REDIS_URL", "AUTH_JWT_SECRET", "METRICS_TOKEN"]) {
      assert.equal(variable(secret)!.value, undefined);
      assert.equal(variable(secret)!.valueFrom!.secretKeyRef!.key, secret);
    }
    assert.deepEqual(images[0]!.name, server!.image);
    assert.ok(namespace.length > 0);
  });

  it("[MP91] it runs without rights, with a bound to its memory and none to its time", () => {
    assert.equal(pod.spec!.automountServiceAccountToken, false);
    assert.equal(pod.spec!.securityContext!.runAsNonRoot, true);
    assert.equal(pod.spec!.securityContext!.runAsUser, 1000);
    assert.deepEqual(server!.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(Object.keys(server!.resources!.limits!), ["memory"]);
    assert.deepEqual(Object.keys(server!.resources!.requests!), ["cpu", "memory"]);
  });

  it("[MP91] the Service and the network's rules are about these pods and their port", () => {
    const service = kubernetes<Service>("service.yaml").spec!;
    assert.deepEqual(service.selector, labels);
    assert.equal(service.ports![0]!.targetPort, server!.ports![0]!.name);
    assert.equal(service.sessionAffinity, undefined);
    assert.deepEqual(deployment.spec!.selector.matchLabels, labels);
    const policy = kubernetes<NetworkPolicy>("network-policy.yaml").spec!;
    assert.deepEqual(policy.podSelector!.matchLabels, labels);
    const port = server!.ports![0]!.containerPort;
    for (const [peers, ports] of [
      [policy.ingress![0]!.from!, policy.ingress![0]!.ports!],
      [policy.egress![0]!.to!, policy.egress![0]!.ports!],
    ] as const) {
      assert.ok(peers.some(({ podSelector }) => podSelector?.matchLabels?.["app.kubernetes.io/name"] !== undefined));
      assert.deepEqual(ports, [{ port }]);
    }
  });
});
