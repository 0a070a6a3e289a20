import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Circuit, CircuitOpenError } from './circuit.js';

let circuit: Circuit;
let changes: boolean[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  changes = [];
  circuit = new Circuit((isOpen) => changes.push(isOpen));
});
afterEach(() => vi.useRealTimers());

const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
function fail(times: number): void {
  for (let each = 0; each < times; each += 1) circuit.enter().over('away');
}

describe('the circuit', () => {
  it('opens after five failures in a row and not before', () => {
    fail(4);
    circuit.enter().over('there');
    fail(4);
    circuit.enter().over('unknown');
    expect(() => circuit.require()).not.toThrow();
    fail(1);
    expect(() => circuit.enter()).toThrow(CircuitOpenError);
    expect(changes).toEqual([true]);
  });

  it('lets one probe through every half minute, which closes it or does not', () => {
    fail(5);
    later(29);
    expect(() => circuit.enter()).toThrow(CircuitOpenError);
    later(1);
    const probe = circuit.enter();
    expect(() => circuit.enter()).toThrow(CircuitOpenError);
    probe.over('away');
    expect(() => circuit.enter()).toThrow(CircuitOpenError);
    later(30);
    circuit.enter().over('there');
    fail(4);
    expect(() => circuit.enter()).not.toThrow();
    expect(changes).toEqual([true, false]);
  });

  it('probes again at once after a probe that was given up', () => {
    fail(5);
    later(30);
    circuit.enter().over('unknown');
    expect(() => circuit.enter()).not.toThrow();
  });

  it('is not put off by calls that were under way when it opened', () => {
    const slow = [circuit.enter(), circuit.enter()];
    fail(5);
    later(20);
    slow[0]?.over('away');
    later(10);
    expect(() => circuit.require()).not.toThrow();
    slow[1]?.over('there');
    expect(changes).toEqual([true, false]);
  });

  it('does not stay open for years when somebody sets the clock back', () => {
    fail(5);
    later(-3 * 365 * 86_400);
    expect(() => circuit.require()).not.toThrow();
  });
});
