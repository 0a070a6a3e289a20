import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.setup.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import type { TestClinch } from './start-clinch.js';

/** The master key of every server that tests start in their own process. */
export const TEST_MASTER_KEY = 'dGVzdHMgb25seTogbm90IGEgc2VjcmV0IGF0IGFsbCE=';

export interface AnotherNode {
  readonly url: string;
  readonly app: NestExpressApplication;
  stop(): Promise<void>;
}

/** The environment of a node, or of a command, on the database of a running one. */
export function environmentOf(clinch: Pick<TestClinch, 'url' | 'databaseUrl'>): Record<string, string> {
  return {
    CLINCH_ISSUER: clinch.url,
    DATABASE_URL: clinch.databaseUrl,
    CLINCH_MASTER_KEY: TEST_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'silent',
  };
}

/** A second node in this process, on the database of the first. The caller stops it before that. */
export async function anotherNode(
  clinch: Pick<TestClinch, 'url' | 'databaseUrl'>,
  environment: Readonly<Record<string, string>> = {},
): Promise<AnotherNode> {
  const app = await createApp(ClinchConfig.fromEnvironment({ ...environmentOf(clinch), ...environment }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return {
    url: `http://localhost:${port}`,
    app,
    stop: async () => {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}
