import { describe, expect, it } from 'vitest';
import { bigCompany } from './big-company.js';
import type { CompanyEvent } from './company-event.js';
import { Company } from './company.js';
import { sampleCompany, samplePeople } from './sample-company.js';

describe('the organisation', () => {
  it('is the same in every run', () => {
    const people = () => JSON.stringify([...sampleCompany().people()]);
    expect(people()).toBe(people());
  });

  it('grows to any size with the same special people', () => {
    const company = bigCompany(5000, 120);
    expect([company.size, company.departments.size]).toEqual([5000, 120]);
    expect(company.person(samplePeople.ordinary)?.name).toBe('徐鹏');
    for (const { id } of company.departments.all()) expect(company.departments.chainOf(id).at(-1)).toBe(1);
  });

  it('raises the event of each change', () => {
    const company = sampleCompany();
    const events: CompanyEvent[] = [];
    company.onEvent((event) => events.push(event));
    company.join({ name: '新人', deptIds: [800], userid: 'n1' });
    company.change('n1', { name: '新名' });
    company.move('n1', [800, 900]);
    company.leave('n1');
    company.rehire('n1', { newUserid: 'n2' });
    company.leave('n2', { silent: true });
    company.reuseUserid('n2', { name: '别人', deptIds: [1] });
    const { id } = company.createDepartment({ name: '新部门' });
    company.renameDepartment(id, '改名');
    company.move('n2', [id], { silent: true });
    company.removeDepartment(id);
    company.assignRole(9101, 'n2');
    company.makeAdmin('n2', 2);
    expect(events.map(({ type }) => type)).toEqual([
      'user_add_org',
      'user_modify_org',
      'user_modify_org',
      'user_leave_org',
      'user_add_org',
      'user_add_org',
      'org_dept_create',
      'org_dept_modify',
      'org_dept_remove',
      'label_user_change',
      'org_admin_add',
    ]);
    expect(events[1]?.payload.diffInfo).toEqual({ prev: { name: '新人' }, curr: { name: '新名' }, userid: 'n1' });
    // Whoever was in a department that went is one level up, and the userid is another's now.
    expect(company.person('n2')).toMatchObject({
      memberships: [{ deptId: 1 }],
      unionid: 'UNION-dingcorp0001-n2-second',
    });
  });

  it('keeps the places in a list when somebody in it changes', () => {
    const company = new Company('dingcorp0003', '小公司');
    for (const userid of ['a', 'b', 'c']) company.join({ name: userid, deptIds: [1], userid });
    company.change('a', { title: '新' });
    company.move('b', [1]);
    expect(company.membersOf(1).map(({ userid }) => userid)).toEqual(['a', 'b', 'c']);
  });
});
