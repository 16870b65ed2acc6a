const two = (value: number): string => String(value).padStart(2, "0")

/** The time of day to the millisecond, `14:07:54.830`; what is no time is told as it is. */
export const exactClock = (time: string): string => {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return time.slice(0, 40)
  const ms = String(at.getMilliseconds()).padStart(3, "0")
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`
}
