import { OapiRefusal } from './refusals.js';

/** The parameters of a call to the old host. A form has strings only, so numbers and booleans are read from those too. */
export class Params {
  /** `badCode` is the errcode that this API has for a parameter that is missing or wrong. */
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly badCode: number,
  ) {}

  /** A string that must be there. Throws OapiRefusal. */
  text(name: string): string {
    const value = this.values[name];
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string' || value === '') throw this.#refuse(name);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#isMissing(name) ? undefined : this.text(name);
  }

  /** A whole number that must be there, unless there is a usual one. Throws OapiRefusal. */
  number(name: string, usual?: number): number {
    if (this.#isMissing(name)) {
      if (usual !== undefined) return usual;
      throw this.#refuse(name);
    }
    const value = this.values[name];
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw this.#refuse(name);
    return number;
  }

  flag(name: string): boolean {
    const value = this.values[name];
    return value === true || value === 'true';
  }

  #isMissing(name: string): boolean {
    const value = this.values[name];
    return value === undefined || value === null || value === '';
  }

  #refuse(name: string): OapiRefusal {
    return new OapiRefusal(this.badCode, `参数错误: ${name}`);
  }
}
