// oidc-provider's storage on PostgreSQL, the way its example adapters do it.

const FIND = 'SELECT payload, expires_at, consumed_at FROM oidc WHERE type = $1 AND';
const UPSERT = `INSERT INTO oidc (id, type, payload, grant_id, user_code, uid, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id, type) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
  user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`;

/**
 * @param {import('pg').Pool} pool
 * @param {boolean} prepared use named prepared statements
 */
export function makeAdapter(pool, prepared) {
  const query = (name, text, values) => pool.query(prepared ? { name, text, values } : { text, values });

  return class Adapter {
    /** @param {string} type name of the model */
    constructor(type) {
      this.type = type;
    }

    async upsert(id, payload, expiresIn) {
      const expires = expiresIn ? new Date(Date.now() + expiresIn * 1000) : null;
      const { grantId = null, userCode = null, uid = null } = payload;
      await query('upsert', UPSERT, [id, this.type, JSON.stringify(payload), grantId, userCode, uid, expires]);
    }

    async find(id) {
      return row(await query('find', `${FIND} id = $2`, [this.type, id]));
    }

    async findByUid(uid) {
      return row(await query('find_uid', `${FIND} uid = $2`, [this.type, uid]));
    }

    async findByUserCode(code) {
      return row(await query('find_user_code', `${FIND} user_code = $2`, [this.type, code]));
    }

    async consume(id) {
      const text = 'UPDATE oidc SET consumed_at = now() WHERE type = $1 AND id = $2';
      await query('consume', text, [this.type, id]);
    }

    async destroy(id) {
      await query('destroy', 'DELETE FROM oidc WHERE type = $1 AND id = $2', [this.type, id]);
    }

    async revokeByGrantId(grantId) {
      await query('revoke', 'DELETE FROM oidc WHERE type = $1 AND grant_id = $2', [this.type, grantId]);
    }
  };
}

function row({ rows: [found] }) {
  if (!found || (found.expires_at && found.expires_at < Date.now())) return undefined;
  return found.consumed_at ? { ...found.payload, consumed: true } : found.payload;
}
