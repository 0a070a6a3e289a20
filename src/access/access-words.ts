import type { AccessReason } from './access-decision.js';
import type { NamedSubject } from './assignment.dto.js';
import type { ExplainedAssignment } from './explanation.dto.js';

/** Whom an assignment names, and by what it speaks of the person. */
export function throughInWords(subject: NamedSubject, through: NamedSubject | null): string {
  if (subject.type === 'user') return 'the person';
  const name = `the ${subject.type} ${subject.name ?? subject.id}`;
  return through === null ? name : `${name}, above ${through.name ?? through.id}`;
}

/** Why somebody may enter, or may not, for the operator who asks. */
export function reasonInWords(reason: AccessReason, assignments: readonly ExplainedAssignment[]): string {
  const assignment = 'assignment' in reason ? assignments.find(({ id }) => id === reason.assignment.id) : undefined;
  const by = assignment?.text ?? 'an assignment';
  switch (reason.kind) {
    case 'everyone':
      return 'The app is open to everyone.';
    case 'assigned':
      return `Assigned by ${by}.`;
    case 'not_active':
      return 'The account is disabled.';
    case 'not_assigned':
      return notAssigned(assignments);
    case 'ended':
      return `The assignment by ${by} has ended${assignment?.ends_at ? `, at ${assignment.ends_at}` : ''}.`;
    case 'switched_off':
      return `The assignment by ${by} is switched off.`;
    case 'rule_refused':
      return 'The rule of the app says no.';
    case 'rule_failed':
      return `The rule of the app came to no answer: ${reason.failure}`;
    default:
      return reason.taken
        ? 'The app wants an app account, and the one that its rule makes for the person is somebody else’s.'
        : 'The app wants an app account, and the person has none.';
  }
}

function notAssigned(assignments: readonly ExplainedAssignment[]): string {
  const near = assignments.find(({ state }) => state === 'only_itself');
  return near === undefined
    ? 'Nothing is assigned to the person, a group or a department of theirs.'
    : `What is assigned is only itself, not what is below it: ${near.text}.`;
}
