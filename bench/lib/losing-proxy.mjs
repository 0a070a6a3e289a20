// A proxy that passes every request on, and now and then throws the answer away with the client's connection.
import { createServer, request } from 'node:http';

/** @param {import('node:stream').Readable} stream */
async function readAll(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * @param {URL} server
 * @param {import('node:http').IncomingMessage} req
 * @param {Buffer} body
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer}>}
 */
function passOn(server, { method, url, headers }, body) {
  const options = { host: server.hostname, port: server.port, method, path: url, headers, timeout: 20_000 };
  return new Promise((resolve, reject) => {
    const onward = request(options, (answer) => {
      readAll(answer).then(
        (content) => resolve({ status: answer.statusCode, headers: answer.headers, body: content }),
        reject,
      );
    });
    onward.once('timeout', () => onward.destroy(new Error('the server does not answer')));
    onward.once('error', reject);
    onward.end(body);
  });
}

/**
 * @param {string} issuer of the server behind it
 * @param {number} share of the answers to throw away
 * @param {() => number} [random] numbers from 0 to 1, one for each answer
 * @returns {Promise<{port: number, lost: () => number, close: () => void}>}
 */
export async function startLosingProxy(issuer, share, random = Math.random) {
  const behind = new URL(issuer);
  let lost = 0;
  const answerOne = async (req, res) => {
    const answer = await passOn(behind, req, await readAll(req));
    if (random() < share) {
      lost++;
      res.destroy();
      return;
    }
    const { 'transfer-encoding': _chunked, connection: _hop, ...headers } = answer.headers;
    res.writeHead(answer.status, { ...headers, 'content-length': answer.body.length }).end(answer.body);
  };
  const proxy = createServer((req, res) => {
    answerOne(req, res).catch(() => res.writeHead(502).end());
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(undefined)));
  const close = () => {
    proxy.close();
    proxy.closeAllConnections();
  };
  const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  return { port, lost: () => lost, close };
}
