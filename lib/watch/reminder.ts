/** Whoever was told something this short a time ago needs no reminder of it. */
const fresh = 6 * 3_600_000

/**
 * Whether the time of the daily reminder has come since somebody was told.
 * @param toldMs when they were, ms since 1970
 * @param remindAt `09:00`, by this machine's clock
 */
export function isReminderDue(toldMs: number, nowMs: number, remindAt: string): boolean {
  const [hours = 0, minutes = 0] = remindAt.split(':').map(Number)
  const due = new Date(nowMs)
  due.setHours(hours, minutes, 0, 0)
  if (due.getTime() > nowMs) due.setDate(due.getDate() - 1)
  return toldMs < due.getTime() && nowMs - toldMs >= fresh
}
