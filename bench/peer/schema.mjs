// The peer's tables: one jsonb table for all of oidc-provider's models, and its accounts.
export const SCHEMA = `
CREATE TABLE oidc (
  id text NOT NULL,
  type text NOT NULL,
  payload jsonb NOT NULL,
  grant_id text,
  user_code text,
  uid text,
  expires_at timestamptz,
  consumed_at timestamptz,
  PRIMARY KEY (id, type)
);
CREATE INDEX oidc_grant_id ON oidc (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_uid ON oidc (uid) WHERE uid IS NOT NULL;
CREATE INDEX oidc_user_code ON oidc (user_code) WHERE user_code IS NOT NULL;
CREATE TABLE account (
  id text PRIMARY KEY,
  username text NOT NULL UNIQUE,
  password_hash text NOT NULL,
  claims jsonb NOT NULL
);
`;
