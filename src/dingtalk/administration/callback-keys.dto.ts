import { AnswerField } from '../../admin/fields.js';

/** The keys of the HTTP callback, shown this once. */
export class CallbackKeys {
  @AnswerField({ type: String, required: true, example: 'k3J9sQ2m' })
  callback_token: string;

  @AnswerField({ type: String, required: true, example: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' })
  callback_aes_key: string;
}
