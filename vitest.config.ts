import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

type ProjectTest = NonNullable<TestProjectInlineConfiguration['test']>;

const SECOND = 1000;
const IN_CI = !['', '0', 'false'].includes((process.env.CI ?? '').toLowerCase());

/** Nothing in these depends on the database that the run is for, so one of the two runs will do. */
const ONE_DATABASE = [
  'test/nodes/demo.nodes-spec.ts',
  'test/e2e/{dingtalk,alibaba-cloud}-simulator*.e2e-spec.ts',
  'test/e2e/dingtalk-client.e2e-spec.ts',
  'test/e2e/alibaba-cloud-console.e2e-spec.ts',
  'test/e2e/{dingtalk-events-stream,identity-source-check}.e2e-spec.ts',
  'test/{clients,conformance}/**/*.spec.ts',
  'test/e2e/{directory-sync-safety,directory-sync-size,slow-and-many,theme}.e2e-spec.ts',
  'test/security/{cel,cors,csrf,device-guessing,device-pages,ding-sign-in,disc,hdr,host,input}.spec.ts',
  'test/security/{jwt,link,log,pkce,proto,redir,ssrf,time,userinfo}.spec.ts',
  'test/nodes/{clinch-alibaba*,directory-sync,lost-answers,sample-api,sample-cli}.nodes-spec.ts',
];
/** Takes several nodes on one database: on SQLite there is one. */
const MANY_NODES = [
  'test/nodes/{dingtalk-events,logout,takeover,workers,database-away}.nodes-spec.ts',
  'test/e2e/dingtalk-events-queue.e2e-spec.ts',
];
const EXCLUDED = process.env['CLINCH_TEST_DATABASE'] === 'postgres' ? ONE_DATABASE : MANY_NODES;

const FLOWS = ['test/e2e/**/*.e2e-spec.ts', 'test/{clients,conformance,security}/**/*spec.ts'];
/** What another version of Node can break: the database driver, HTTP, sockets, cryptography. Our own rules it cannot. */
const FLOWS_ON_OTHER_NODE = [
  'test/{clients/openid-client*,conformance/{basic,config}}.spec.ts',
  'test/e2e/{database,admin-api,client-credentials,dingtalk-sign-in,dingtalk-events-stream,back-channel-logout}.e2e-spec.ts',
];

/** One project, with what all of them share. Which database is used says CLINCH_TEST_DATABASE: sqlite or postgres. */
function project(test: ProjectTest): TestProjectInlineConfiguration {
  return {
    test: {
      environment: 'node',
      exclude: [...configDefaults.exclude, ...EXCLUDED],
      pool: 'forks',
      // Loading Nest and TypeORM costs more than most files' tests, and each file has its own application and database.
      isolate: false,
      setupFiles: ['test/support/setup.ts'],
      restoreMocks: true,
      unstubEnvs: true,
      // A machine that does other work as well is slow now and then. What is broken fails twice.
      retry: IN_CI ? 1 : 0,
      ...test,
    },
  };
}

export default defineConfig({
  test: {
    // What one stage of a run has compiled, the next ones read.
    experimental: { fsModuleCache: true, fsModuleCachePath: '.cache/vitest-modules' },
    // One more than there are processors, because many tests wait for something now and then.
    maxWorkers: availableParallelism() + 1,
    // At the root, so that it runs once however many projects take part.
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      project({
        name: 'unit',
        include: ['src/**/*.spec.{ts,tsx}', 'test/{architecture,deploy}.spec.ts'],
        testTimeout: 10 * SECOND,
        hookTimeout: 20 * SECOND,
      }),
      project({
        name: 'flows',
        include: process.env['CLINCH_TEST_OTHER_NODE'] === 'true' ? FLOWS_ON_OTHER_NODE : FLOWS,
        testTimeout: 30 * SECOND,
        hookTimeout: 60 * SECOND,
      }),
      project({
        name: 'browser',
        include: ['test/browser/**/*.browser-spec.ts'],
        testTimeout: 60 * SECOND,
        hookTimeout: 60 * SECOND,
      }),
      project({
        // Several real servers a file, killed and raced: one file at a time, after the others, or they starve each other.
        name: 'nodes',
        include: ['test/nodes/**/*.nodes-spec.ts'],
        testTimeout: 180 * SECOND,
        hookTimeout: 120 * SECOND,
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
