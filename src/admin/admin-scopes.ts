import { Injectable } from '@nestjs/common';
import { ADMIN_SCOPE } from './admin-scope.js';

/** The scopes of the admin API, in words. */
@Injectable()
export class AdminScopes {
  all(): readonly { readonly name: string; readonly description: string }[] {
    return [{ name: ADMIN_SCOPE, description: 'Everything in this API' }];
  }
}
