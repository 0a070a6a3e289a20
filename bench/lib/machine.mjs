// What the figures were measured on.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { treeCpuMs } from './cpu.mjs';
import { ARGON2 } from './settings.mjs';

/** @param {string | undefined} postgresVersion */
export function machineFacts(postgresVersion) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    openssl: process.versions.openssl,
    postgres: postgresVersion ?? null,
    loadAtStart: loadavg()[0],
  };
}

/** What one password check costs by itself, ms of CPU; it is a part of every sign-in of every target. */
export async function hashCpuMs() {
  const { hash, verify } = await import('@node-rs/argon2');
  const password = randomBytes(12).toString('hex');
  const digest = await hash(password, ARGON2);
  await verify(digest, password);
  const count = 20;
  const before = treeCpuMs(process.pid);
  const begin = performance.now();
  for (let i = 0; i < count; i++) await verify(digest, password);
  const cpu = (treeCpuMs(process.pid) - before) / count;
  return Number.isNaN(cpu) ? (performance.now() - begin) / count : cpu;
}

/** What one RS256 signature costs by itself, ms of CPU: every code flow holds two, whoever serves it. */
export function signCpuMs() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = randomBytes(400);
  const count = 300;
  for (let i = 0; i < 50; i++) sign('RSA-SHA256', data, privateKey);
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) sign('RSA-SHA256', data, privateKey);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}
