// Two thousand connections that send a byte now and then, and headers that are too long: good clients go on.
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { startSteady } from '../lib/steady.mjs';

const SOCKETS = 2_000;
const BYTE_EVERY_MS = 10_000;
const HEADERS_WITHIN_S = 10;
/** Node looks for connections that are too slow every so often. */
const LOOKS_EVERY_S = 30;

const fdsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

function slowSocket(port) {
  const socket = connect(port, '127.0.0.1');
  const begun = Date.now();
  const state = { closedAfterS: undefined };
  socket.on('error', () => undefined);
  socket.once('connect', () => socket.write('POST /oidc/token HTTP/1.1\r\nHost: x\r\nX-A: '));
  const timer = setInterval(() => socket.write('a'), BYTE_EVERY_MS);
  socket.once('close', () => {
    clearInterval(timer);
    state.closedAfterS = (Date.now() - begun) / 1000;
  });
  state.end = () => {
    clearInterval(timer);
    socket.destroy();
  };
  return state;
}

function answerTo(port, text) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (part) => (answer += part));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Number(answer.slice(9, 12))));
    setTimeout(() => socket.destroy(), 5_000).unref();
  });
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D25',
  title: 'Slow and hostile connections',
  minutes: '2',
  async run(drill) {
    const installation = await Installation.start(drill);
    const [node] = installation.nodes;
    const steady = startSteady(installation);
    await sleep(8_000);
    const calmFrom = Date.now();
    await sleep(8_000);
    const base = fdsOf(node.child.pid);
    const slowFrom = Date.now();
    const sockets = Array.from({ length: drill.count(SOCKETS) }, () => slowSocket(node.port));
    const long = await answerTo(node.port, `GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(200_000)}\r\n\r\n`);
    await sleep((HEADERS_WITHIN_S + LOOKS_EVERY_S + 10) * 1000);
    const slowTo = Date.now();
    const open = sockets.filter(({ closedAfterS }) => closedAfterS === undefined).length;
    const longest = Math.max(...sockets.map(({ closedAfterS }) => closedAfterS ?? Infinity));
    for (const socket of sockets) socket.end();
    await sleep(2_000);
    const [calm, slow] = [steady.within(calmFrom, slowFrom), steady.within(slowFrom, slowTo)];
    await steady.stop();
    drill.figure('slow connections', sockets.length, told());
    drill.figure('of them still open in the end', open, exactly(0));
    drill.figure('longest that one was suffered', longest, atMost(HEADERS_WITHIN_S + LOOKS_EVERY_S + 5), 's');
    drill.figure('200 kB of headers are answered with', long, exactly(431));
    drill.figure('good requests meanwhile that failed', slow.failed, exactly(0));
    drill.figure('their p99 before', calm.p99, told(), 'ms');
    drill.figure('their p99 meanwhile', slow.p99, atMost(Math.max(2 * calm.p99, 50)), 'ms');
    drill.figure('open files above those before', fdsOf(node.child.pid) - base, atMost(20));
  },
};
