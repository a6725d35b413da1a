// How a weight's value is written: three or more significant figures, short, with a true minus sign.

/** -11.3, 0.0042, 1.2e-7; whole numbers as they are. `figures`: significant ones. */
export function valueText(value: number, figures = 3): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  const size = Math.abs(value);
  let text: string;
  if (size === 0) text = '0';
  else if (Number.isInteger(value) && size < 1e6) text = String(size);
  else if (size >= 1e6 || size < 1e-3) text = size.toExponential(figures - 1).replace('+', '').replace('-', '−');
  else text = String(Number(size.toPrecision(figures)));
  return value < 0 ? `−${text}` : text;
}
