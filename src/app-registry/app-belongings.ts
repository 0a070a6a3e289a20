import { Injectable } from '@nestjs/common';
import { Belongings } from '../database/belongings.js';

/** What belongs to an app in the rooms below, and goes with it: a new app of its id has none of that. */
@Injectable()
export class AppBelongings extends Belongings {}
