import { Injectable } from '@nestjs/common';
import { Belongings } from '../database/belongings.js';

/** What belongs to a person in the rooms below, and goes with the account. */
@Injectable()
export class AccountBelongings extends Belongings {}
