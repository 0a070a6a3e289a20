import type { OperationExamples } from '../admin/operation.js';
import type { NewScope, ReplacedScope, ScopeChanges } from './custom-scope.dto.js';

const DESCRIPTION = { 'zh-CN': '查看你的部门和职位', en: 'See your department and title' };

/** Bodies that run as they stand. */
export const SCOPE_EXAMPLES: OperationExamples<NewScope> = {
  employment: {
    summary: 'The main department and the title in it',
    value: {
      name: 'employment',
      description: DESCRIPTION,
      claims: [
        { name: 'department', value: 'user.departments[0].name' },
        { name: 'title', value: 'user.departments[0].title', in: ['id_token', 'userinfo'] },
      ],
    },
  },
};

export const SCOPE_REPLACEMENT_EXAMPLES: OperationExamples<ReplacedScope> = {
  nothing: { summary: 'The same words, and no claims', value: { description: DESCRIPTION } },
};

export const SCOPE_CHANGE_EXAMPLES: OperationExamples<ScopeChanges> = {
  claims: {
    summary: 'Other claims: the list is replaced as a whole',
    value: { claims: [{ name: 'department_path', value: "user.departments[0].path.join('/')" }] },
  },
};
