const DAY_MS = 86_400_000

const isSameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString()

/** A moment in the past: `today, 14:21`, `yesterday, 9:05`, else the date. */
export const pastMoment = (time: string, now: number): string => {
  const then = new Date(time)
  const clock = then.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" })
  if (isSameDay(then, new Date(now))) return `today, ${clock}`
  if (isSameDay(then, new Date(now - DAY_MS))) return `yesterday, ${clock}`
  return then.toLocaleDateString(undefined, { dateStyle: "medium" })
}

/** When something ends: `in 5 days`, on the day itself the time. */
export const comingMoment = (time: string, now: number): string => {
  const then = new Date(time)
  const days = Math.round((then.getTime() - now) / DAY_MS)
  if (isSameDay(then, new Date(now))) {
    return `today, ${then.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" })}`
  }
  return days <= 1 ? "in a day" : `in ${days} days`
}
