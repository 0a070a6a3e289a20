import { Global, Module } from '@nestjs/common';
import { Measurements } from './measurements.js';

/** Owns the figures that operators watch. Leaves what is measured to the rooms, and how it is shown to `operations`. */
@Global()
@Module({ providers: [Measurements], exports: [Measurements] })
export class MeasurementsModule {}
