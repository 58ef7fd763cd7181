import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { endsWithUs } from "../support/children.ts";
import { pairsOf, type Stage } from "./dockerfile.ts";

/** What is there when a stage has been carried out. */
export interface Built {
  /** its file system, but for what the base image has */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** How a container is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** the program and its arguments, in place of the image's own */
  readonly program?: readonly string[];
  /** `docker run --read-only`, with `/tmp` of its own */
  readonly isReadOnly?: boolean;
}

/** Stands in for the base image: this machine's system, and the Node that runs the tests. */
const SYSTEM = ["usr", "bin", "sbin", "lib", "lib64", "etc", "dev", "proc", "sys", "root"];

/** Whether this machine lets us mount and change root. @returns why not */
export function cannotBuild(): string | undefined {
  try {
    execFileSync("unshare", ["--mount", "--pid", "--fork", "true"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `building the image needs root and the right to mount: ${(error as Error).message.split("\n")[0]}`;
  }
}

/**
 * Carries a stage of the Dockerfile out without Docker: in a folder of its own that is the root for what it runs, with
 * the base image's system mounted into it.
 * @param before the stages before it, by name
 * @param context the folder that Docker would be sent
 */
export function buildStage(stage: Stage, before: ReadonlyMap<string, Built>, context: string, root: string): Built {
  const parent = before.get(stage.from);
  mkdirSync(root, { mode: 0o755 });
  if (parent === undefined) makeSystem(root);
  else execFileSync("cp", ["-a", `${parent.root}/.`, root]);
  let built: Built = parent === undefined ? bare(root) : { ...parent, root };
  for (const { name, text } of stage.instructions) {
    if (name === "WORKDIR") {
      built = { ...built, workdir: text };
      mkdirSync(join(root, text), { recursive: true, mode: 0o755 });
    } else if (name === "ENV") built = { ...built, env: { ...built.env, ...pairsOf(text) } };
    else if (name === "USER") built = { ...built, user: text };
    else if (name === "ENTRYPOINT") built = { ...built, entrypoint: JSON.parse(text), command: [] };
    else if (name === "CMD") built = { ...built, command: JSON.parse(text) };
    else if (name === "COPY") copy(text, built, before, context);
    else if (name === "RUN") {
      // What npm has fetched before, for the project itself, it need not fetch again.
      const options = { program: ["sh", "-c", text], env: { npm_config_prefer_offline: "true" } };
      execFileSync("unshare", inside(built, options), { stdio: "pipe" });
    } else if (!["VOLUME", "EXPOSE", "HEALTHCHECK"].includes(name)) throw new Error(`not carried out here: ${name}`);
  }
  return built;
}

/** Runs a program in an image, in a space of processes of its own: it is the first one there. */
export function runIn(built: Built, options: RunOptions = {}): ChildProcess {
  const child = spawn("unshare", ["--pid", "--fork", "--kill-child", ...inside(built, options)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  endsWithUs(child);
  return child;
}

/** The process that is the first one in a running image, as this system numbers it. */
export function firstProcessOf(child: ChildProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  return Number(children);
}

function bare(root: string): Built {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" };
  return { root, env, workdir: "/", user: "0:0", entrypoint: [], command: [] };
}

function makeSystem(root: string): void {
  for (const name of SYSTEM) {
    if (!existsSync(`/${name}`)) continue;
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    else mkdirSync(join(root, name), { mode: 0o755 });
  }
  execFileSync("install", ["-d", "-m", "1777", join(root, "tmp")]);
}

function copy(text: string, { root, workdir }: Built, before: ReadonlyMap<string, Built>, context: string): void {
  const [, from, rest = ""] = /^(?:--from=(\S+) )?(.*)$/.exec(text)!;
  const paths = rest.split(/\s+/);
  const target = paths.pop()!;
  const source = from === undefined ? context : before.get(from)!.root;
  for (const path of paths) {
    const whole = join(source, path);
    const name = target.endsWith("/") ? join(target, path.split("/").at(-1)!) : target;
    const to = name.startsWith("/") ? join(root, name) : join(root, workdir, name);
    mkdirSync(dirname(to), { recursive: true });
    // Of a stage that is done, a second name for each file is enough.
    execFileSync("cp", [from === undefined ? "-aT" : "-alT", whole, to]);
  }
}

/** The arguments of `unshare` for a program inside: the system is mounted, the root changed, the user taken on. */
function inside(
  { root, env, workdir, user, entrypoint, command }: Built,
  { env: more = {}, program = [...entrypoint, ...command], isReadOnly = false }: RunOptions,
): string[] {
  const mounts = SYSTEM.filter((name) => lstatSync(join(root, name), { throwIfNoEntry: false })?.isDirectory()).map(
    (name) => (name === "proc" ? `mount -t proc proc ${root}/proc` : `mount --rbind /${name} ${root}/${name}`),
  );
  const [uid, gid] = user.split(":");
  const script = [
    "umask 022",
    `mount --bind ${root} ${root}`,
    ...mounts,
    `mount --bind ${dirname(process.execPath)} ${root}/usr/local/bin`,
    ...(isReadOnly
      ? [
          `mount -t tmpfs -o mode=1777 tmpfs ${root}/tmp`,
          ...(existsSync(`${root}/data`) ? [`mount --bind ${root}/data ${root}/data`] : []),
          `mount -o remount,bind,ro ${root}`,
        ]
      : []),
    `exec chroot ${root} setpriv --reuid ${uid} --regid ${gid} --clear-groups env -C ${workdir} -i "$@"`,
  ].join(" && ");
  const variables = Object.entries({ ...env, ...more }).map(([name, value]) => `${name}=${value}`);
  return ["--mount", "sh", "-c", script, "sh", ...variables, ...program];
}
