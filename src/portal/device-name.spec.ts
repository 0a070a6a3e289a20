import { describe, expect, it } from 'vitest';
import { containerUserAgents } from '../dingtalk-simulator/bridge-script.js';
import { deviceName } from './device-name.js';
import { placeName } from './place-name.js';

const CHROMIUM = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0';

describe('a device in words', () => {
  it.each([
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROMIUM} Safari/537.36`, 'Chrome on Windows', 'Windows 上的 Chrome'],
    [`Mozilla/5.0 (Windows NT 10.0) ${CHROMIUM} Safari/537.36 Edg/126.0.0.0`, 'Microsoft Edge on Windows', undefined],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', 'Firefox on Linux', undefined],
    [containerUserAgents.ios, 'DingTalk on iPhone', 'iPhone 上的钉钉'],
    [containerUserAgents.android, 'DingTalk on Android', undefined],
    [containerUserAgents.windows, 'DingTalk on Windows', 'Windows 上的钉钉'],
    [`Mozilla/5.0 (Phone; OpenHarmony 5.0) ${CHROMIUM} Mobile`, 'Chrome on HarmonyOS', undefined],
    ['curl/8.1.0', 'curl', 'curl'],
    ['node', 'node', 'node'],
    ['', 'Unknown device', '未知设备'],
    ['   ', 'Unknown device', '未知设备'],
    ['???', 'Unknown device', '未知设备'],
  ])('%s', (userAgent, en, zh) => {
    expect(deviceName(userAgent, 'en')).toBe(en);
    if (zh !== undefined) expect(deviceName(userAgent, 'zh-CN')).toBe(zh);
  });

  it('is short, whatever a program calls itself', () => {
    for (const long of ['x'.repeat(400), `${'x'.repeat(399)}/1`, `Mozilla/5.0 (${'a;'.repeat(180)})`]) {
      expect(deviceName(long, 'en').length).toBeLessThanOrEqual(90);
    }
  });
});

describe('a place in words', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['127.0.0.1', "The server's own computer"],
    ['::1', "The server's own computer"],
    ['10.1.2.3', '10.1.2.3 (local network)'],
    ['fd00::1', 'fd00::1 (local network)'],
    ['', 'Unknown'],
    ['<b>', 'Unknown'],
  ])('%s', (address, words) => {
    expect(placeName(address, 'en')).toBe(words);
  });
});
