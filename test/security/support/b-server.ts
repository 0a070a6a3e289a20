import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import { createApp } from '../../../src/app.setup.js';
import { ClinchConfig } from '../../../src/config/clinch-config.js';
import { createDatabase, freePort, type TestDatabase } from '../../support/postgres.js';
import { UserAgent, type Answer } from '../../support/user-agent.js';

export const MASTER_KEY = 'dGVzdHMgb25seTogbm90IGEgc2VjcmV0IGF0IGFsbCE=';

export interface Node {
  readonly url: string;
  readonly app: NestExpressApplication;
  stop(): Promise<void>;
}

/** A node on a database that is there already: the second of two, or the same one after a restart. */
export async function startNode(
  database: Pick<TestDatabase, 'url'>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Node> {
  const port = await freePort();
  const config = ClinchConfig.fromEnvironment({
    CLINCH_MASTER_KEY: MASTER_KEY,
    CLINCH_LOG_LEVEL: 'silent',
    CLINCH_ISSUER: `http://localhost:${port}`,
    ...environment,
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PORT: String(port),
  });
  const app = await createApp(config);
  await app.listen(port, '127.0.0.1');
  return {
    url: `http://localhost:${port}${config.basePath}`,
    app,
    stop: async () => {
      const server: Server = app.getHttpServer();
      server.closeAllConnections();
      await app.close();
    },
  };
}

export { createDatabase };

/** The environment of a server behind a proxy that ends TLS. */
export const BEHIND_PROXY = { CLINCH_ISSUER: 'https://id.example.test', CLINCH_TRUST_PROXY: '127.0.0.1' } as const;

/** A browser that reaches an https issuer through its proxy, which says so. */
export class ProxiedAgent extends UserAgent {
  constructor(
    base: string,
    private readonly issuer: string = BEHIND_PROXY.CLINCH_ISSUER,
    private readonly forwarded: Record<string, string> = { 'X-Forwarded-Proto': 'https' },
  ) {
    super(base);
  }

  override get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return super.get(this.inside(url), { ...this.forwarded, ...headers });
  }

  override post(
    url: string,
    form: Record<string, string> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return super.post(this.inside(url), form, { ...this.forwarded, ...headers });
  }

  override async follow(answer: Answer): Promise<Answer> {
    let current = answer;
    for (let hops = 0; hops < 10; hops++) {
      const location = current.headers.get('location');
      if (location === null || !location.startsWith(this.issuer)) return current;
      current = await this.get(location);
    }
    throw new Error('too many redirects');
  }

  private inside(url: string): string {
    return url.startsWith(this.issuer) ? this.base + url.slice(this.issuer.length) : url;
  }
}
