import type { LineFacts } from './timeline-words.js';

/** What the server noted beside a failure, in English. */
export const more = ({ hint }: LineFacts) => (hint === '' ? '' : ` The server noted: ${hint}.`);

/** The same, in Chinese. */
export const moreZhCN = ({ hint }: LineFacts) => (hint === '' ? '' : `服务器记录：${hint}。`);
