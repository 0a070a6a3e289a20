import type { TestPerson } from './builders.js';
import { formOf, UserAgent, type Answer, type Form } from './user-agent.js';

type WhoSignsIn = Pick<TestPerson, 'username' | 'password'>;

/** A browser in which that person has signed in, at one of their own pages. */
export async function atOwnPage(
  base: string,
  path: string,
  person: WhoSignsIn,
  agent = new UserAgent(base),
): Promise<{ agent: UserAgent; page: Answer }> {
  let page = await agent.follow(await agent.get(base + path));
  if (page.text.includes('name="password"')) page = await agent.signIn(page, person);
  return { agent, page };
}

/** All forms of a page that post. */
export function postFormsOf(page: Answer): (Form & { readonly text: string })[] {
  return [...page.text.matchAll(/<form[^>]*method="post".*?<\/form>/gs)].map(([text]) => {
    const { action, hidden } = formOf({ text, status: page.status });
    return { action, hidden, text };
  });
}

/** The one form of a page that posts there, or the one among them whose text says so. */
export function postFormTo(page: Answer, path: string, saying = ''): Form {
  const [form, ...more] = postFormsOf(page).filter(
    ({ action, text }) => action.endsWith(path) && text.includes(saying),
  );
  if (form === undefined || more.length > 0) throw new Error(`${more.length + 1} forms to ${path} saying ${saying}`);
  return form;
}
