const FAMILY =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈'.split('');
const GIVEN =
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文华建国红玉兰英梅鑫波斌宇浩凯秀慧巧美雪婷晨曦思雨佳欣怡嘉子涵若轩泽铭'.split(
    '',
  );

/** Numbers that look random and are the same in every run. */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // A linear congruential generator with Knuth's MMIX multiplier cut to 32 bits; its high bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A Chinese name of two or three characters. */
export function chineseName(random: (below: number) => number): string {
  const pick = (from: readonly string[]) => from[random(from.length)] ?? '';
  return pick(FAMILY) + pick(GIVEN) + (random(3) === 0 ? '' : pick(GIVEN));
}
