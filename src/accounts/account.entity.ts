import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';

export type AccountStatus = 'active' | 'disabled';

export type DisabledBy = 'administrator' | 'departure';

/** OpenID Connect Core 1.0 §5.1.1. */
export interface PostalAddress {
  formatted?: string;
  street_address?: string;
  locality?: string;
  region?: string;
  postal_code?: string;
  country?: string;
}

/** A person. The claims are those of OpenID Connect Core 1.0 §5.1, under their own names. */
@Entity('accounts')
// What lists are in the order of, and narrowed by: see USER_ORDER.
@Index('ix_accounts_created_at', ['createdAt', 'id'])
@Index('ix_accounts_updated_at', ['updatedAt', 'id'])
@Index('ix_accounts_status', ['status', 'id'])
// Few may be disabled: without these, a page of them walks through everybody else.
@Index('ix_accounts_status_username_key', ['status', 'usernameKey'])
@Index('ix_accounts_status_created_at', ['status', 'createdAt', 'id'])
@Index('ix_accounts_status_updated_at', ['status', 'updatedAt', 'id'])
export class AccountEntity {
  /** The `sub`: never changed, never given to another person. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_accounts' })
  id: string;

  @Column({ type: 'varchar', length: 200 })
  username: string;

  /** The user name as it is compared: without case, width and surrounding blanks. */
  @Index('uq_accounts_username_key', { unique: true })
  @Column({ type: 'varchar', length: 200, name: 'username_key' })
  usernameKey: string;

  @Column({ type: 'varchar', length: 16 })
  status: AccountStatus;

  /** Who closed it; null while it is open. Only what a departure closed is opened by a return. */
  @Column({ type: 'varchar', length: 16, nullable: true, name: 'disabled_by' })
  disabledBy: DisabledBy | null;

  /** The person was signed out everywhere: what came of a sign-in before is worth nothing, also if the account returns. */
  @Column({ ...OPTIONAL_TIME, name: 'signed_out_at' })
  signedOutAt: Date | null;

  @Column({ ...OPTIONAL_TEXT, name: 'password_hash' })
  passwordHash: string | null;

  @Column({ ...OPTIONAL_TIME, name: 'password_changed_at' })
  passwordChangedAt: Date | null;

  @Column(OPTIONAL_TEXT)
  name: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'given_name' })
  givenName: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'family_name' })
  familyName: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'middle_name' })
  middleName: string | null;

  @Column(OPTIONAL_TEXT)
  nickname: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'preferred_username' })
  preferredUsername: string | null;

  @Column(OPTIONAL_TEXT)
  profile: string | null;

  @Column(OPTIONAL_TEXT)
  picture: string | null;

  @Column(OPTIONAL_TEXT)
  website: string | null;

  @Column(OPTIONAL_TEXT)
  gender: string | null;

  @Column(OPTIONAL_TEXT)
  birthdate: string | null;

  @Column(OPTIONAL_TEXT)
  zoneinfo: string | null;

  @Column(OPTIONAL_TEXT)
  locale: string | null;

  @Index('ix_accounts_email')
  @Column(OPTIONAL_TEXT)
  email: string | null;

  @Column({ type: 'boolean', name: 'email_verified' })
  emailVerified: boolean;

  @Index('ix_accounts_phone_number')
  @Column({ ...OPTIONAL_TEXT, name: 'phone_number' })
  phoneNumber: string | null;

  @Column({ type: 'boolean', name: 'phone_number_verified' })
  phoneNumberVerified: boolean;

  @Column({ type: 'simple-json', nullable: true })
  address: PostalAddress | null;

  /** Fields of the organisation's own, for extended claims. */
  @Column({ type: 'simple-json' })
  custom: Record<string, unknown>;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
