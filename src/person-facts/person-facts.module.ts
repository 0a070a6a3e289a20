import { Module } from '@nestjs/common';
import { PeopleFacts } from './people-facts.js';

/**
 * Owns the picture of a person that expressions are evaluated over: claims, departments, groups, the directory's roles,
 * identities, in one statement. Leaves what is in it to the rooms that keep it, and what is made of it to `expressions`.
 */
@Module({ providers: [PeopleFacts], exports: [PeopleFacts] })
export class PersonFactsModule {}
