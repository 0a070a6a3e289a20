// Decorators of Nest, TypeORM and class-validator write their metadata through this; it must be there before the first.
import 'reflect-metadata';
