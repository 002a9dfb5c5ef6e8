/** Whole per cent. Never rounded to 0 or 100 unless exact. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const share = (100 * part) / whole;
  if (part > 0 && share < 1) return 'under 1 %';
  if (part < whole && share > 99) return 'over 99 %';
  return `${Math.round(share)} %`;
}
