/** What a server's container may do, as the Engine is told it. Decisions of their arguments alone. */
import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { Command } from '../runner.ts';

/** Set on everything that is made for a server; it is found, counted and removed by them. */
export const HUB_LABEL = 'omie-mcp-hub.hub';
export const SERVER_LABEL = 'omie-mcp-hub.server';
/** `conversation`: one process for one conversation, gone with it. `service`: listens on a port and outlives a hub. */
const KIND_LABEL = 'omie-mcp-hub.kind';
/** Digest or id of the image that a service runs. */
export const IMAGE_LABEL = 'omie-mcp-hub.image';

export const containerJobSchema = z.object({
  hub: z.string(),
  server: z.string(),
  /** A digest or an id: what was looked at is what runs. */
  image: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Folders that the image declares as volumes. */
  volumes: z.array(z.string()),
  /** Where the server listens inside; undefined: it speaks over its stdin and stdout. */
  port: z.number().int().optional(),
  limits: z.object({ memoryBytes: z.number().int(), cpus: z.number() }),
});
export type ContainerJob = z.output<typeof containerJobSchema>;
export type ContainerLimits = ContainerJob['limits'];

const MIB = 1_048_576;
const PIDS = 256;
/** In memory, which counts as the container's own. A volume that an image declares would be a folder of the disk without bounds. */
const TMP = 'rw,noexec,nosuid,nodev,size=64m';
const tmpfsOf = (volumes: readonly string[]): readonly string[] => [...new Set(['/tmp', ...volumes])];

/** Its own name, and the one of its network. */
export const nameOf = (server: string): string => `omie-mcp-hub-${server}`;
export const builtImageOf = (server: string): string => `omie-mcp-hub/${server}`;

export function labelsOf({ hub, server }: Pick<ContainerJob, 'hub' | 'server'>): Record<string, string> {
  return { [HUB_LABEL]: hub, [SERVER_LABEL]: server };
}

/** Body of `POST /containers/create`. */
export function containerSpec(job: ContainerJob): Dockerode.ContainerCreateOptions {
  const { image, args, env, port, limits, volumes } = job;
  const conversation = port === undefined;
  return {
    Image: image,
    ...(args.length === 0 ? {} : { Cmd: [...args] }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...labelsOf(job), [KIND_LABEL]: conversation ? 'conversation' : 'service', [IMAGE_LABEL]: image },
    Tty: false,
    // Its stdin ends with whoever writes to it, and a server over stdio ends with its stdin.
    ...(conversation
      ? { OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }
      : { ExposedPorts: { [`${port}/tcp`]: {} } }),
    HostConfig: {
      NetworkMode: nameOf(job.server),
      Privileged: false,
      ReadonlyRootfs: true,
      Tmpfs: Object.fromEntries(tmpfsOf(volumes).map((path) => [path, TMP])),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      PidsLimit: PIDS,
      Memory: limits.memoryBytes,
      // Memory and swap together: none of the latter.
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      Init: true,
      IpcMode: 'private',
      // The hub starts it again, and gives it up when that does not help.
      RestartPolicy: { Name: 'no' },
      AutoRemove: conversation,
      // What a conversation says is of the house, and stays off the disk; what it prints for people the hub has.
      LogConfig: conversation
        ? { Type: 'none', Config: {} }
        : { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      ...(port === undefined ? {} : { PortBindings: { [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
    },
  };
}

/** Body of `POST /networks/create`: a bridge of the server's own, on which its containers do not see each other. */
export function networkSpec(job: Pick<ContainerJob, 'hub' | 'server'>): Dockerode.NetworkCreateOptions {
  return {
    Name: nameOf(job.server),
    Driver: 'bridge',
    Attachable: false,
    Labels: labelsOf(job),
    Options: { 'com.docker.network.bridge.enable_icc': 'false' },
  };
}

/** The same as {@link containerSpec}, as people read and could type it; variables by name alone. */
export function asDockerRun({ image, args, env, port, limits, server, volumes }: ContainerJob): Command {
  return {
    command: 'docker',
    args: [
      'run',
      ...(port === undefined
        ? ['--interactive', '--rm', '--log-driver=none']
        : ['--detach', '--publish', `127.0.0.1::${port}`]),
      `--network=${nameOf(server)}`,
      '--read-only',
      ...tmpfsOf(volumes).map((path) => `--tmpfs=${path}:${TMP}`),
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges:true',
      `--pids-limit=${PIDS}`,
      `--memory=${Math.round(limits.memoryBytes / MIB)}m`,
      `--memory-swap=${Math.round(limits.memoryBytes / MIB)}m`,
      `--cpus=${limits.cpus}`,
      '--init',
      '--restart=no',
      ...Object.keys(env).flatMap((name) => ['--env', name]),
      image,
      ...args,
    ],
  };
}

/** A filter of the Engine's lists. */
export function labelled(labels: Readonly<Record<string, string>>): { readonly label: string[] } {
  return { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
}

export const isConversation = (labels: Readonly<Record<string, string>>): boolean =>
  labels[KIND_LABEL] === 'conversation';
