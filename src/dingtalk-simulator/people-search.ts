import type { Company } from './company.js';
import type { Account, Person } from './person.js';
import type { World } from './world.js';

const MOST = 60;

export interface PickedPerson {
  readonly userid: string;
  readonly name: string;
  /** The organisation and what is worth knowing. */
  readonly description: string;
}

/**
 * Accounts whose name or userid contains the text, those of the given organisation first, then everybody else who has a
 * DingTalk account: other organisations, contacts, people who left, people of no organisation.
 */
export function findPeople(world: World, text: string, corpId: string): PickedPerson[] {
  const wanted = text.trim().toLowerCase();
  const fits = ({ userid, name }: Account) => userid.toLowerCase().includes(wanted) || name.includes(text.trim());
  const own = world.companies.filter((company) => company.corpId === corpId);
  const others = world.companies.filter((company) => company.corpId !== corpId);
  const found: PickedPerson[] = [];
  // Strangers are few and stand last, so they keep room.
  const strangers = [...own.flatMap(strangersOf), ...others.flatMap(everybodyOf), ...world.outsiders.map(outsider)];
  const shownStrangers = strangers.filter(({ account }) => fits(account)).map(({ picked }) => picked);
  for (const company of own) {
    for (const person of company.people()) {
      if (found.length >= MOST) break;
      if (fits(person)) found.push(described(person, company));
    }
  }
  return [...found, ...shownStrangers.slice(0, MOST)];
}

function described(person: Person, company: Company): PickedPerson {
  const departments = person.memberships.map(({ deptId }) => company.departments.get(deptId)?.name ?? deptId);
  const disabled = person.enterpriseAccount?.disabled ? ['已停用 disabled'] : [];
  const description = [company.name, ...departments, person.title ?? '', ...disabled].join(' · ');
  return { userid: person.userid, name: person.name, description };
}

interface Stranger {
  readonly account: Account;
  readonly picked: PickedPerson;
}

function stranger(account: Account, description: string): Stranger {
  return { account, picked: { userid: account.userid, name: account.name, description } };
}

function strangersOf(company: Company): Stranger[] {
  const contacts = [...company.externalContacts.values()].map((person) =>
    stranger(person, '外部联系人 external contact'),
  );
  const gone = [...company.left.values()].map(({ person }) => stranger(person, '已离职 has left'));
  return [...contacts, ...gone];
}

function everybodyOf(company: Company): Stranger[] {
  return [...company.people()].map((person) => ({ account: person, picked: described(person, company) }));
}

function outsider(account: Account): Stranger {
  return stranger(account, '无组织 no organisation');
}
