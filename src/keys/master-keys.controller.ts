import { Get, HttpCode, Post } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { AnswerField } from '../admin/fields.js';
import { Operation } from '../admin/operation.js';
import { MasterKeys } from './master-keys.js';
import { Reencryption } from './reencryption.js';

/** One master key. Nothing of the key itself is ever told. */
export class MasterKey {
  @AnswerField({ type: String, description: 'Derived from the key one way; error messages name keys by it.' })
  id: string;

  @AnswerField({ type: Boolean, description: 'It seals: it is the first in `CLINCH_MASTER_KEY`.' })
  current: boolean;

  @AnswerField({ type: Boolean, description: 'The node that answers has it.' })
  at_hand: boolean;

  @AnswerField({ type: String, format: 'date-time', nullable: true, description: 'Since when it seals.' })
  current_since: string | null;

  @AnswerField({ type: 'integer', description: 'Values that are sealed under it.' })
  sealed: number;

  @AnswerField({ type: Boolean, description: 'It can be left out of `CLINCH_MASTER_KEY`, and nobody notices.' })
  may_be_dropped: boolean;

  @AnswerField({ type: String, isArray: true, description: 'What it is needed for.' })
  needed_for: string[];
}

/** How far a change of the master key is. */
export class MasterKeyProgress {
  @AnswerField({ type: () => MasterKey, isArray: true })
  keys: MasterKey[];

  @AnswerField({ type: 'integer', description: 'Values that are yet to be sealed under the current key.' })
  remaining: number;
}

/** The master keys: what is under which, and the way to a new one. */
@AdminController('master-keys', 'Keys')
export class MasterKeysController {
  constructor(
    private readonly masterKeys: MasterKeys,
    private readonly reencryption: Reencryption,
  ) {}

  @Get()
  @Operation({
    summary: 'See how far a change of the master key is',
    description: 'What is sealed under which key, and when an old one may be dropped.',
    answer: MasterKeyProgress,
  })
  async read(): Promise<MasterKeyProgress> {
    const { keys, remaining } = await this.masterKeys.status();
    return {
      remaining,
      keys: keys.map(({ id, current, atHand, currentSince, sealed, neededFor }) => ({
        id,
        current,
        at_hand: atHand,
        current_since: currentSince?.toISOString() ?? null,
        sealed,
        may_be_dropped: neededFor.length === 0,
        needed_for: [...neededFor],
      })),
    };
  }

  @Post('reencrypt')
  @HttpCode(202)
  @Operation({
    summary: 'Re-encrypt now',
    description:
      'Seals everything under the current master key. Nodes do it by themselves within half a minute of their start with a ' +
      'new key; this is for the impatient.',
    answer: MasterKeyProgress,
    status: 202,
  })
  async reencrypt(): Promise<MasterKeyProgress> {
    void this.reencryption.run();
    return this.read();
  }
}
