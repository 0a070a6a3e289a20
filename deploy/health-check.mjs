// For the container's health check: an image without a shell's tools has Node. Ends with 0 when the server answers
// /livez with 200 (or the path that is given), with 1 when it does not. Container engines restart on this, so it asks
// whether the process lives and not whether its database does: a restart would not bring that back.
import { request } from 'node:http';

const PATIENCE_MS = 3_000;

const { PORT = '3000', CLINCH_ISSUER = 'http://localhost' } = process.env;
const base = new URL(CLINCH_ISSUER).pathname.replace(/\/$/, '');
const path = `${base}${process.argv[2] ?? '/livez'}`;

const asked = request({ host: '127.0.0.1', port: PORT, path, timeout: PATIENCE_MS }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
});
asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
asked.on('error', ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});
asked.end();
