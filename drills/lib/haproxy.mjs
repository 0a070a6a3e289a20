// haproxy as an installation has it: in front of nodes, with health checks; or in front of PostgreSQL, where it can move
// the address.
import { connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getProgram } from '../../scripts/tools.mjs';
import { freePort } from '../../bench/lib/ports.mjs';
import { NotRun } from './drill.mjs';
import { startProcess, tail } from './processes.mjs';

// A node that says it is about to end, or does not answer, gets no new requests. A request that was sent is never sent
// again by the proxy: what it did is not known.
const HTTP = `
  mode http
  balance roundrobin
  option forwardfor
  http-error status 503 content-type text/plain string "no server is ready" hdr Retry-After 2
  option httpchk GET /readyz
  http-check expect status 200
  default-server check inter 500ms fastinter 200ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down`;
const TCP = `
  mode tcp
  default-server check inter 500ms fastinter 200ms fall 1 rise 1 on-marked-down shutdown-sessions`;

/**
 * @param {import('./drill.mjs').Drill} drill
 * @param {'http' | 'tcp'} mode
 * @param {number[]} ports behind it, on 127.0.0.1
 * @param {number} [port] where it listens
 */
export async function startHaproxy(drill, mode, ports, port = undefined) {
  const { path, missing } = await getProgram('haproxy', 'haproxy');
  if (path === undefined) throw new NotRun(missing);
  const listen = port ?? (await freePort());
  const socket = join(drill.folder, `haproxy-${listen}.sock`);
  const config = join(drill.folder, `haproxy-${listen}.cfg`);
  const servers = ports.map((behind, index) => `  server s${index} 127.0.0.1:${behind}`).join('\n');
  writeFileSync(
    config,
    `global
  stats socket ${socket} mode 600 level admin
  maxconn 4000
defaults
  timeout connect 2s
  timeout client 120s
  timeout server 60s
  timeout check 2s
  retries 3
  option redispatch 1
frontend front
  mode ${mode}
  bind 127.0.0.1:${listen}
  default_backend back
backend back${mode === 'http' ? HTTP : TCP}
${servers}
`,
  );
  const child = startProcess(path, ['-db', '-f', config], {
    cwd: drill.folder,
    log: join(drill.folder, `haproxy-${listen}.log`),
  });
  drill.onEnd(() => child.kill());
  await untilListening(listen, child);
  return {
    port: listen,
    url: `http://127.0.0.1:${listen}`,
    pid: child.pid,
    /** Everything goes to another port from now on, and open connections end. */
    moveTo: async (behind) => {
      await command(socket, `set server back/s0 addr 127.0.0.1 port ${behind}`);
      await command(socket, 'shutdown sessions server back/s0');
    },
    command: (text) => command(socket, text),
  };
}

async function untilListening(port, child) {
  for (let tries = 0; tries < 100; tries++) {
    if (await accepts(port)) return;
    if (child.ended()) break;
    await sleep(50);
  }
  throw new Error(`haproxy did not start:\n${tail(child.log)}`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** @returns {Promise<string>} what haproxy answered */
function command(path, text) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path, () => socket.end(`${text}\n`));
    socket.setEncoding('utf8');
    socket.on('data', (part) => (answer += part));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.trim()));
  });
}
