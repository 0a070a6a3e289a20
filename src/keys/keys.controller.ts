import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation, type OperationExamples } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { Actor } from '../audit/audit-log.js';
import { algorithmsOf, KeyIsGoneError, SigningKeyRows } from '../token-signing/signing-key-rows.js';
import { ForeignMasterKeyError } from '../token-signing/sealed-private-key.js';
import { SigningKeyStore } from '../token-signing/signing-key-store.js';
import { Revocation, RevocationResult, Rotation, RotationResult, SigningKey } from './key.dto.js';
import { toKeys } from './key-wire.js';
import { RevocationImpact } from './revocation-impact.js';

const ROTATIONS: OperationExamples<Rotation> = {
  all: { summary: 'The next key for every algorithm, announced first', value: {} },
  one: { summary: 'The next key for one algorithm', value: { alg: 'ES256' } },
  immediately: { summary: 'The next key at once', value: { alg: 'EdDSA', immediately: true } },
};

const REVOCATIONS: OperationExamples<Revocation> = {
  look: { summary: 'See who would fail', value: { dry_run: true } },
};

/** The signing keys: their schedule, and what is done to it by hand. */
@AdminController('keys', 'Keys')
export class KeysController {
  constructor(
    private readonly rows: SigningKeyRows,
    private readonly store: SigningKeyStore,
    private readonly impact: RevocationImpact,
  ) {}

  @Get()
  @Operation({
    summary: 'List signing keys',
    description:
      'In the order of their ids, each with its times ahead. They change by themselves: the settings ' +
      '`signing_key_rotation` and `signing_key_announcement` say how often, and how long before.',
    list: SigningKey,
  })
  async list(@Query() query: ListQuery): Promise<Page<SigningKey>> {
    const page = pageRequest(query);
    const keys = toKeys(await this.rows.all()).toSorted((a, b) => (a.kid < b.kid ? -1 : 1));
    const rest = keys.filter(({ kid }) => page.after === undefined || kid > page.after);
    return pageOf(
      rest.slice(0, page.limit + 1),
      page,
      ({ kid }) => kid,
      (key) => key,
    );
  }

  @Get(':kid')
  @Operation({
    summary: 'Read a signing key',
    description: 'Its public half, its state, and what becomes of it when.',
    answer: SigningKey,
    problems: [404],
  })
  async read(@Param('kid') kid: string): Promise<SigningKey> {
    return this.find(kid);
  }

  @Post('rotate')
  @HttpCode(200)
  @Operation({
    summary: 'Rotate now',
    description:
      'Makes the next key of each algorithm, or of one. It is announced first, so that no app fails; a key that is ' +
      'announced already is that next key.',
    answer: RotationResult,
    body: { type: Rotation, examples: ROTATIONS },
    problems: [409],
  })
  async rotate(@Body() { alg, immediately = false }: Rotation, @Administrator() actor: Actor): Promise<RotationResult> {
    const { successors } = await asProblems(() => this.rows.rotate(algorithmsOf(alg), { immediately }, actor));
    await this.store.reload();
    const kids = new Set(successors.map(({ kid }) => kid));
    return { keys: toKeys(await this.rows.all()).filter(({ kid }) => kids.has(kid)) };
  }

  @Post(':kid/revoke')
  @HttpCode(200)
  @Operation({
    summary: 'Revoke a signing key',
    description:
      'For a key that somebody else may have. It leaves `/oidc/jwks` at once, what it signed is refused by every node within ' +
      'a second, and another one signs. The answer says who fails; with `dry_run` it says so before.',
    answer: RevocationResult,
    body: { type: Revocation, examples: REVOCATIONS },
    problems: [404, 409],
  })
  async revoke(
    @Param('kid') kid: string,
    @Body() { dry_run: dryRun = false }: Revocation,
    @Administrator() actor: Actor,
  ): Promise<RevocationResult> {
    const key = await this.find(kid);
    if (key.state === 'gone') throw gone();
    if (dryRun) {
      const successor = await this.announced(key);
      return { key, dry_run: true, successor, ...(await this.impact.of(key)) };
    }
    // First of all: nobody may have to wait for it until those who fail are counted.
    const { successors } = await asProblems(() => this.rows.revoke(kid, actor));
    await this.store.reload();
    const revoked = await this.find(kid);
    return {
      key: revoked,
      dry_run: false,
      successor: successors[0]?.kid ?? null,
      ...(await this.impact.afterwards(key)),
    };
  }

  private async find(kid: string): Promise<SigningKey> {
    const key = toKeys(await this.rows.all()).find((each) => each.kid === kid);
    if (key === undefined) throw Problem.notFound('signing key');
    return key;
  }

  /** Who would sign instead, if it is there already. */
  private async announced({ alg, state }: SigningKey): Promise<string | null> {
    if (state !== 'signing') return null;
    const keys = toKeys(await this.rows.all());
    return keys.find((key) => key.alg === alg && key.state === 'announced')?.kid ?? null;
  }
}

async function asProblems<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof KeyIsGoneError) throw gone();
    if (error instanceof ForeignMasterKeyError) throw new Problem('conflict', error.message);
    throw error;
  }
}

function gone(): Problem {
  return new Problem('conflict', 'The key is gone already: nothing that it signed is good any more.');
}
