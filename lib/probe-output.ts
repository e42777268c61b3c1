import { type ProbeRecord, probeRecord } from './probe-record.ts'
import { type Host, hostFrom } from './seen.ts'

/** What came back from Z2: a whole look, or what is wrong with it. */
export type ProbeOutput =
  | { state: 'whole'; host: Host }
  | { state: 'none' }
  | { state: 'cut' }
  | { state: 'foreign'; why: string }

/**
 * Takes the records from between the two markers of this look. What stands before the first one is a noisy login
 * shell's; without the last one, or with another count, the look was cut short and nothing of it is used.
 * @param id the random id that this look's markers carry
 */
export function parseProbeOutput(out: string, id: string): ProbeOutput {
  const lines = out.split(/\r?\n/)
  const begin = lines.indexOf(`BULMA ${id} BEGIN`)
  if (begin < 0) return { state: 'none' }
  const end = lines.findIndex((line, at) => at > begin && line.startsWith(`BULMA ${id} END `))
  if (end < 0) return { state: 'cut' }
  const body = lines.slice(begin + 1, end)
  if (lines[end] !== `BULMA ${id} END ${body.length}`) return { state: 'cut' }
  const records = body.map(readRecord)
  const wrong = records.indexOf(null)
  if (wrong >= 0)
    return { state: 'foreign', why: `record ${wrong + 1} of the look is not what was asked for` }
  const host = hostFrom(records as ProbeRecord[])
  return host ? { state: 'whole', host } : { state: 'cut' }
}

function readRecord(line: string): ProbeRecord | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null // not JSON: the caller says so with the number of the record
  }
  const result = probeRecord.safeParse(value)
  return result.success ? result.data : null
}
