import { chineseName, seededNumbers } from './chinese-names.js';
import type { Company } from './company.js';
import { ROOT_DEPARTMENT } from './departments.js';
import { ordinaryPerson, sampleCompany } from './sample-company.js';

const FIRST_ID = 2001;
const CHILDREN = 10;
const SILENT = { silent: true } as const;

/**
 * The sample organisation, grown to so many people and departments in all (the root among them); the same in every run.
 * The people of the sample are in it, and what is special about them. Numbers below the sample's change nothing.
 */
export function bigCompany(people: number, departments: number): Company {
  const company = sampleCompany();
  const ids = [ROOT_DEPARTMENT];
  for (let index = 0; company.departments.size < departments; index += 1) {
    const id = FIRST_ID + index;
    // Ten below each, level by level.
    const parentId = ids[Math.floor(index / CHILDREN)] ?? ROOT_DEPARTMENT;
    company.createDepartment({ id, name: `第${index + 1}部`, parentId, order: index + 1 }, SILENT);
    ids.push(id);
  }
  const random = seededNumbers(20_260_102);
  // Those who have left had a number too.
  for (let number = company.size + company.left.size + 1; company.size < people; number += 1) {
    const memberships = [{ deptId: ids[number % ids.length] ?? ROOT_DEPARTMENT, order: number, leader: false }];
    // One in fifty is in two departments.
    if (number % 50 === 0 && ids.length > 1) {
      memberships.push({ deptId: ids[(number + 1) % ids.length] ?? ROOT_DEPARTMENT, order: 1, leader: false });
    }
    company.put({
      ...ordinaryPerson(number, { name: chineseName(random), title: '专员', memberships }),
      managerUserid: 'u001',
    });
    if (number % 200 === 0) company.roles.give(9302, `u${number}`);
  }
  return company;
}
