const time = /\b(?:(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) )?\d\d:\d\d\b/g

/** A text without its times of day; late in the evening what comes next has its weekday before it. */
export const untimed = (text: string): string => text.replace(time, 'HH:MM')
