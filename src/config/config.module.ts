import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ClinchConfig } from './clinch-config.js';

/**
 * Owns the configuration: reads the environment once, refuses what is wrong, and hands out one typed object.
 */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ClinchConfig): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: ClinchConfig, useValue: config }],
      exports: [ClinchConfig],
    };
  }
}
