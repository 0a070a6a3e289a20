/** What guessers try first, among passwords of eight characters and more (NIST SP 800-63B §5.1.1.2). */
const COMMON = new Set(
  (
    '12345678 123456789 1234567890 0123456789 87654321 987654321 0987654321 11111111 00000000 88888888 66666666 ' +
    '12341234 12121212 123123123 11223344 123321123 147258369 password password1 password12 password123 passw0rd ' +
    'p@ssw0rd p@ssword passw0rd1 passwort motdepasse qwertyui qwertyuiop qwerty123 qwerty12 1q2w3e4r 1q2w3e4r5t ' +
    '1qaz2wsx 1qaz2wsx3edc qazwsxedc zaq12wsx asdfghjk asdfghjkl zxcvbnm1 zxcvbnm, abcd1234 abc12345 abcdefgh a1234567 ' +
    'aa123456 aa123456789 a123456789 qq123456 woaini1314 woaini520 5201314520 iloveyou iloveyou1 sunshine princess ' +
    'football baseball superman trustno1 letmein1 letmein123 welcome1 welcome123 changeme changeme1 changeme123 ' +
    'admin123 admin1234 administrator administrator1 root1234 test1234 testtest secret123 default1 guest123 monkey123 ' +
    'dragon123 master123 michelle jennifer computer internet whatever starwars pokemon1 dingtalk dingding dingtalk123 ' +
    'company123 spring2026 summer2026 autumn2026 winter2026'
  ).split(' '),
);

export function isCommonPassword(password: string): boolean {
  const typed = password.normalize('NFKC').toLowerCase();
  // One character over and over is in no list, but in every guesser's program.
  return COMMON.has(typed) || new Set(typed).size < 3;
}
