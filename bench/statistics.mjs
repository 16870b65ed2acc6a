/** The value that the share `p` (0 to 1) of the finite ones does not exceed, by nearest rank; `null` without any. */
export function percentile(values, p) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return null
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
}

export const round = (value, digits = 1) => (value === null ? null : Number(value.toFixed(digits)))

/** Median and 95th percentile, rounded to a tenth. */
export const spread = (values) => ({ p50: round(percentile(values, 0.5)), p95: round(percentile(values, 0.95)) })
