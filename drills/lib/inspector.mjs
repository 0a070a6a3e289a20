// Looks into a running node through Node's own inspector: collects garbage and asks how much is used.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { rssMb } from '../../bench/lib/cpu.mjs';

/** @param {number} port that the node was given with --inspect */
export async function openInspector(port) {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let sent = 0;
  const waiting = new Map();
  socket.on('message', (data) => {
    const { id, result } = JSON.parse(data.toString());
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const call = (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set(++sent, resolve);
      socket.send(JSON.stringify({ id: sent, method, params }));
    });
  const evaluate = async (expression) =>
    (await call('Runtime.evaluate', { expression, returnByValue: true })).result.value;
  return {
    evaluate,
    collect: () => call('HeapProfiler.collectGarbage'),
    close: () => socket.close(),
  };
}

/**
 * Memory at rest: after a pause and two collections.
 * @returns {Promise<{rssMb: number, heapMb: number, externalMb: number}>}
 */
export async function memoryAtRest(inspector, pid) {
  await sleep(3_000);
  await inspector.collect();
  await sleep(500);
  await inspector.collect();
  const { heapUsed, external, arrayBuffers } = await inspector.evaluate('process.memoryUsage()');
  return { rssMb: rssMb(pid), heapMb: heapUsed / 2 ** 20, externalMb: (external + arrayBuffers) / 2 ** 20 };
}
