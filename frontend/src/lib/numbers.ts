// How figures, sizes, shapes and dates are written everywhere on the page.

const THIN = '\u00a0';

/**
 * A share 0..1 as a percentage with a fixed number of decimals.
 * Never a false 0 or 100: what would round to one of them is told as a bound.
 */
export function percent(share: number, decimals = 2): string {
  if (!Number.isFinite(share)) return '–';
  if (share === 0) return `0${THIN}%`;
  if (share === 1) return `100${THIN}%`;
  const step = 10 ** -decimals;
  const value = share * 100;
  if (value < step / 2) return `<${THIN}${step.toFixed(decimals)}${THIN}%`;
  if (value > 100 - step / 2) return `>${THIN}${(100 - step).toFixed(decimals)}${THIN}%`;
  return `${value.toFixed(decimals)}${THIN}%`;
}

/** One decimal: on nodes, tiles and in tables. */
export function percentShort(share: number): string {
  return percent(share, 1);
}

/** A magnification: "42 %", but "1.5 %" where a whole number would hide what a step of the zoom does. */
export function zoomText(zoom: number): string {
  const value = zoom * 100;
  return `${value < 1 ? value.toFixed(2) : value < 9.95 ? value.toFixed(1) : Math.round(value)}${THIN}%`;
}

/** An error or a divergence: 0.0523, 0.00041, 1.2e-7; two significant figures below a tenth, three above. */
export function errorText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (value < 1e-4) return value.toExponential(1);
  return value.toFixed(value < 1 ? Math.min(6, 2 - Math.floor(Math.log10(value))) : 2);
}

/** 35569 -> "35,569". */
export function count(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count that has to fit in little room: 314572800 -> "314.6 M". */
export function countShort(value: number): string {
  if (value < 100_000) return count(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(0)}${THIN}k`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)}${THIN}M`;
  return `${(value / 1e9).toFixed(2)}${THIN}G`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Decimal units (1 MB = 10^6 bytes), three significant figures. */
export function bytes(value: number): string {
  let unit = 0;
  let amount = value;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const decimals = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(decimals)}${THIN}${UNITS[unit]}`;
}

/** "1 layer", "2 layers". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** [64, 3, 7, 7] -> "64×3×7×7"; no dimension at all is a scalar. */
export function shape(dims: readonly (number | string)[]): string {
  return dims.length === 0 ? 'scalar' : dims.map((dim) => String(dim)).join('×');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An ISO instant as people say it: today, yesterday, 12 Nov, 12 Nov 2025. */
export function day(iso: string, now: Date): string {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return '';
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  const text = `${then.getDate()} ${MONTHS[then.getMonth()]}`;
  return then.getFullYear() === now.getFullYear() ? text : `${text} ${then.getFullYear()}`;
}
