import {
  type DingTalkSimulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/dingtalk-simulator/simulator.js';

/** A DingTalk with the sample organisation, on a free port. Its `bases` are what an identity source points at. */
export async function startDingTalk(options: SimulatorOptions = {}): Promise<DingTalkSimulator> {
  return startSimulator(options);
}
