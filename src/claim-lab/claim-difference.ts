import { isDeepStrictEqual } from 'node:util';
import type { LabDifference, LabResult } from './claim-lab.dto.js';

interface Place {
  readonly in: 'access_token' | 'id_token' | 'userinfo';
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Which claims come, go and change, wherever they are. */
export function claimDifference(now: LabResult, draft: LabResult): LabDifference {
  const difference: LabDifference = { added: [], removed: [], changed: [] };
  const places: Place[] = [
    { in: 'access_token', before: now.access_token?.claims ?? {}, after: draft.access_token?.claims ?? {} },
    { in: 'id_token', before: now.id_token?.claims ?? {}, after: draft.id_token?.claims ?? {} },
    { in: 'userinfo', before: now.userinfo ?? {}, after: draft.userinfo ?? {} },
  ];
  for (const place of places) compare(place, difference);
  return difference;
}

function compare({ in: where, before, after }: Place, { added, removed, changed }: LabDifference): void {
  for (const [name, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, name)) removed.push({ name, in: where, value });
    else if (!isDeepStrictEqual(value, after[name])) {
      changed.push({ name, in: where, before: value, after: after[name] });
    }
  }
  for (const [name, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, name)) added.push({ name, in: where, value });
  }
}
