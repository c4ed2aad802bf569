/** How all numbers of one column are written, so that their decimal points stand one below the other. */
export interface NumberStyle {
  /** Digits behind the point, of each number of the column. */
  decimals: number;
  /** `1,234,567`: not in columns of years, nor of numbers as long as ids are. */
  grouped: boolean;
  /** `1.20e-09`, where the column's numbers are too far apart to be written out; this many digits of exponent. */
  exponentDigits: number;
}

interface Decimal {
  negative: boolean;
  /** All digits, without zeros at either end; empty for zero. */
  digits: string;
  /** The power of ten of the point: the value is 0.DIGITS times ten to this. */
  point: number;
}

const MAX_DECIMALS = 3;
/** Of a number so small that it would be written as zero. */
const MAX_SMALL_DECIMALS = 12;
const SMALL_DIGITS = 2;
const MAX_WIDTH = 34;
const MAX_MANTISSA = 5;
/** Four digits are a year more often than not. */
const GROUP_FROM_DIGITS = 5;
/** As long as that it is an id, or no number that anyone reads. */
const GROUP_TO_DIGITS = 15;

/**
 * The style of a column with these values: at most three decimals, more where a value would be written as zero. Whole numbers
 * keep all their digits, up to 34; wider ones are in powers of ten.
 */
export function styleOf(values: readonly (string | null)[]): NumberStyle {
  const numbers = values.flatMap((value) => decimalOf(value) ?? []);
  let whole = 1;
  let fraction = 0;
  let zeros = 0;
  let significant = 1;
  let exponent = 1;
  for (const { digits, point } of numbers) {
    if (digits === '') continue;
    whole = Math.max(whole, point);
    fraction = Math.max(fraction, digits.length - point);
    zeros = Math.max(zeros, -point);
    significant = Math.max(significant, digits.length);
    exponent = Math.max(exponent, String(Math.abs(point - 1)).length);
  }
  const wanted = zeros >= MAX_DECIMALS ? zeros + SMALL_DIGITS : MAX_DECIMALS;
  const decimals = Math.min(fraction, wanted);
  if (decimals > MAX_SMALL_DECIMALS || whole + decimals > MAX_WIDTH) {
    return { decimals: Math.min(significant - 1, MAX_MANTISSA), grouped: false, exponentDigits: exponent };
  }
  return { decimals, grouped: whole >= GROUP_FROM_DIGITS && whole <= GROUP_TO_DIGITS, exponentDigits: 0 };
}

/** The number in the style of its column, rounded half away from zero, exactly. What is no number (`NaN`) is as it is. */
export function styled(text: string, { decimals, grouped, exponentDigits }: NumberStyle): string {
  const number = decimalOf(text);
  if (!number) return text;
  if (exponentDigits > 0) return scientific(number, decimals, exponentDigits);
  const digits = roundedAt(number, decimals).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${signOf(number, digits)}${grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole}${fraction}`;
}

function scientific(number: Decimal, decimals: number, exponentDigits: number): string {
  const mantissa = roundedAt({ ...number, point: 1 }, decimals);
  // 9.99 rounds to 10.0.
  const carried = number.digits !== '' && mantissa.length > decimals + 1;
  const digits = (carried ? mantissa.slice(0, -1) : mantissa).padStart(decimals + 1, '0');
  const exponent = number.digits === '' ? 0 : number.point - 1 + (carried ? 1 : 0);
  const fraction = decimals === 0 ? '' : `.${digits.slice(1)}`;
  return `${signOf(number, digits)}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(exponentDigits, '0')}`;
}

/** The value times ten to `decimals`, as a whole number's digits. */
function roundedAt({ digits, point }: Decimal, decimals: number): string {
  const kept = point + decimals;
  if (digits.length <= kept) return digits.padEnd(kept, '0');
  if (kept < 0) return '0';
  const up = Number(digits[kept]) >= 5 ? 1n : 0n;
  return String(BigInt(digits.slice(0, kept) || '0') + up);
}

/** No minus before what was rounded to zero. */
function signOf({ negative }: Decimal, digits: string): string {
  return negative && /[1-9]/.test(digits) ? '-' : '';
}

function decimalOf(text: string | null): Decimal | undefined {
  const match = text === null ? null : /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d{1,6}))?$/i.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const all = whole + fraction;
  if (all === '') return undefined;
  const digits = all.replace(/^0+/, '');
  const point = whole.length + Number(exponent) - (all.length - digits.length);
  const trimmed = digits.replace(/0+$/, '');
  return { negative: sign === '-', digits: trimmed, point: trimmed === '' ? 0 : point };
}
