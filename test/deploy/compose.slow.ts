import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployed, documentIn, variables } from "./documents.ts";

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks: Readonly<Record<string, { readonly ipv4_address: string } | null>> | readonly string[];
  readonly stop_grace_period?: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const SECRET = { AUTH_JWT_SECRET: "s".repeat(48) };

describe("deploy/compose.yaml", () => {
  const { services, networks } = documentIn<Compose>("compose.yaml");
  const servers = Object.entries(services).filter(([name]) => name.startsWith("server-"));
  const nginx = services["nginx"]!;
  const addressOf = ({ networks }: Service): string | undefined =>
    Array.isArray(networks) ? undefined : (networks as Record<string, { ipv4_address: string }>)["front"]?.ipv4_address;

  it("[MP90] docker-compose takes it, and insists on a secret", function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), "compose-"));
    const file = join(folder, "compose.yaml");
    // Debian's docker-compose knows all of it but the project's name, which came later.
    const text = deployed("compose.yaml").replace(/^name: .*$/m, "");
    const complaints = (text: string, env: Readonly<Record<string, string>>): string => {
      writeFileSync(file, text);
      const { error, stderr } = spawnSync("docker-compose", ["-f", file, "config", "--quiet"], {
        env: { PATH: process.env.PATH ?? "", ...env },
        encoding: "utf8",
      });
      if (error !== undefined) throw error;
      return stderr;
    };
    try {
      assert.equal(complaints(text, SECRET), "");
      assert.match(complaints(text, {}), /AUTH_JWT_SECRET.*\.env/s);
      assert.match(complaints(text.replace("stop_grace_period", "stop_grace"), SECRET), /stop_grace/);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || process.env.CI === "true") throw error;
      console.log("      skipped: there is no docker-compose on this machine (apt-get install docker-compose)");
      this.skip();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("[MP90] each server has an address of its own for the others, time to hand over, and nothing to write to", () => {
    assert.equal(servers.length, 2);
    for (const [name, server] of servers) {
      const { environment = {} } = server;
      assert.equal(environment["INTERNAL_URL"], `http://${name}:2567`);
      for (const variable of Object.keys(environment)) assert.ok(variables().has(variable), variable);
      assert.ok(Number.parseInt(server.stop_grace_period!, 10) >= Number(environment["SHUTDOWN_GRACE_SECONDS"]) + 5);
      assert.equal(server.read_only, true);
      assert.deepEqual(server.build, { context: "..", dockerfile: "deploy/Dockerfile" });
      assert.equal(server.depends_on?.["mongo"]?.condition, "service_healthy");
    }
  });

  it("[MP90] they believe nginx and nobody else, and nginx knows all of them", () => {
    for (const [name, server] of servers) {
      assert.equal(server.environment?.["TRUST_PROXY"], addressOf(nginx));
      assert.equal(nginx.depends_on?.[name]?.condition, "service_healthy");
    }
    const named = new Set(Array.from(deployed("nginx.conf").matchAll(/^\s+server (\S+):2567/gm), ([, name]) => name));
    assert.deepEqual([...named].sort(), servers.map(([name]) => name).sort());
    assert.ok(nginx.volumes?.includes("./nginx.conf:/etc/nginx/nginx.conf:ro"));
  });

  it("[MP90] nothing but nginx can be reached from outside; MongoDB is a replica set, with its data kept", () => {
    const open = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    assert.deepEqual(
      open.map(([name]) => name),
      ["nginx"],
    );
    assert.equal(networks["back"]?.internal, true);
    for (const name of ["mongo", "redis"]) assert.deepEqual(services[name]?.networks, ["back"], name);
    const mongo = services["mongo"]!;
    assert.ok(mongo.command?.includes("--replSet") && mongo.volumes?.includes("mongo:/data/db"));
    assert.match(servers[0]![1].environment!["MONGODB_URI"]!, /\?replicaSet=rs0$/);
  });
});
