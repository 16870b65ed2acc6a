/** The value that the share `p` (0 to 1) of the finite ones does not exceed, by nearest rank; `null` without any. */
export function percentile(values, p) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return null
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
}

export const round = (value, digits = 1) => (value === null ? null : Number(value.toFixed(digits)))

/** Median and 95th percentile, rounded to a tenth. */
export const spread = (values) => ({ p50: round(percentile(values, 0.5)), p95: round(percentile(values, 0.95)) })

/** The middle of the finite values, between the two middle ones of an even number; `null` without any. */
export function median(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return null
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
}

/**
 * One row of several that measured the same: of each figure the median, of `ok` the fewest, of lists everything once. What is
 * no number is the first row's.
 */
export function medianRow(rows) {
  const figure = (name, first) => {
    const values = rows.map((row) => row[name])
    if (name === "ok") return Math.min(...values)
    if (Array.isArray(first)) return [...new Set(values.flat())]
    if (first !== null && typeof first === "object") return medianRow(values)
    return first === null || typeof first === "number" ? round(median(values), 2) : first
  }
  return Object.fromEntries(Object.entries(rows[0]).map(([name, first]) => [name, figure(name, first)]))
}
