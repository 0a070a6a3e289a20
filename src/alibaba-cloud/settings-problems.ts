import type { FieldProblem } from '../admin/problem.js';
import type { Reach } from '../outbound/destination.js';
import type { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { endpointFault } from './sites.js';

/** What is wrong with settings that are each well formed. */
export function settingsProblems(settings: AlibabaCloudSettings, reach: Reach): FieldProblem[] {
  const { account_id: accountId, oidc_provider: provider, roles } = settings;
  const missing = Object.entries({ account_id: accountId, oidc_provider: provider, roles })
    .filter(([, value]) => value === undefined)
    .map(([field]) => ({ field, problem: 'is required' }));
  return [...missing, ...roleProblems(settings), ...endpointProblems(settings, reach)];
}

function roleProblems({ roles }: AlibabaCloudSettings): FieldProblem[] {
  if (roles?.length === 0) return [{ field: 'roles', problem: 'must hold at least one role' }];
  // RAM does not tell names apart that differ in case only.
  const names = (roles ?? []).map(({ name }) => name?.toLowerCase());
  return (roles ?? []).flatMap(({ name }, index) => {
    const field = `roles[${index}].name`;
    if (name === undefined) return [{ field, problem: 'is required' }];
    return names.indexOf(name.toLowerCase()) === index
      ? []
      : [{ field, problem: `is ${name} for the second time; RAM does not tell upper from lower case` }];
  });
}

function endpointProblems({ sts_url: sts, signin_url: signin }: AlibabaCloudSettings, reach: Reach): FieldProblem[] {
  return (['sts', 'signin'] as const).flatMap((service) => {
    const address = service === 'sts' ? sts : signin;
    const problem = typeof address === 'string' ? endpointFault(service, address, reach) : undefined;
    return problem === undefined ? [] : [{ field: `${service}_url`, problem }];
  });
}
