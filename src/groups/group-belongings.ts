import { Injectable } from '@nestjs/common';
import { Belongings } from '../database/belongings.js';

/** What belongs to a group in the rooms below, such as what it may enter, and goes with it. */
@Injectable()
export class GroupBelongings extends Belongings {}
