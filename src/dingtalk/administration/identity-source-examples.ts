import type { OperationExamples } from '../../admin/operation.js';
import type { IdentitySourceChanges, NewIdentitySource, ReplacedIdentitySource } from './identity-source.dto.js';

/** Bodies that run as they stand. */
export const SOURCE_EXAMPLES: OperationExamples<NewIdentitySource> = {
  organisation: {
    summary: 'An organisation, with what the console shows and everything else by default',
    value: {
      id: 'acme',
      name: '克林奇科技',
      corp_id: 'dingcorp0001',
      client_id: 'dingclinchdemo0001',
      client_secret: 'a-secret-of-the-dingtalk-console',
    },
  },
  cautious: {
    summary: 'People who are known already only, changes by Stream mode, a sync every night',
    value: {
      name: 'Acme',
      corp_id: 'dingcorp0002',
      client_id: 'dingclinchdemo0002',
      client_secret: 'a-secret-of-the-dingtalk-console',
      new_people: 'refuse',
      match_by: ['email'],
      stream_events: true,
      sync_schedule: '17 3 * * *',
      sync_disable_limit: 5,
    },
  },
};

export const SOURCE_CHANGE_EXAMPLES: OperationExamples<IdentitySourceChanges> = {
  secret: { summary: 'A new secret', value: { client_secret: 'the-next-secret-of-the-console' } },
  callback: {
    summary: 'Events by HTTP push, from DingTalk’s networks only',
    value: {
      callback_events: true,
      callback_token: 'clinchTok1',
      callback_aes_key: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
      callback_networks: ['203.119.0.0/16', '140.205.0.0/16', '106.11.0.0/16', '198.11.0.0/16'],
    },
  },
  phone: {
    summary: 'Phone numbers too, beside what is usual',
    value: {
      mapping: {
        username: ['userid'],
        name: ['name'],
        nickname: ['nickname'],
        picture: ['avatar'],
        email: ['org_email', 'email'],
        phone_number: ['mobile'],
        'custom.title': ['title'],
        'custom.job_number': ['job_number'],
      },
    },
  },
  mapping: {
    summary: 'Other claims: the mapping is replaced as a whole',
    value: { mapping: { name: ['name'], email: ['org_email'], 'custom.city': ['extension.city', 'work_place'] } },
  },
};

export const SOURCE_REPLACEMENT_EXAMPLES: OperationExamples<ReplacedIdentitySource> = {
  defaults: {
    summary: 'Everything by default; the secrets stay unless one is sent',
    value: {
      name: '克林奇科技',
      client_id: 'dingclinchdemo0003',
      client_secret: 'the-next-secret-of-the-console',
    },
  },
};
