import * as z from 'zod/mini'
import type { LogEvent } from '../probe-record.ts'

// The form of everything that Z2 may answer to an order. An answer of another form is not believed.
const maybeText = z.nullable(z.string())
const fingerprint = z.string().check(z.regex(/^[0-9a-f]{16}$/))
const fileState = z.enum(['absent', 'file', 'broken', 'other'])
const now = { now: z.int() }

const lease = z.object({
  holder: z.string(),
  pid: z.int(),
  login: z.int(),
  since: z.int(),
  deadline: z.int(),
})
const record = z.object({
  login: z.int(),
  refresh: fingerprint,
  account: z.array(z.string()),
  loggedInAt: z.int(),
  consentEnd: z.nullable(z.int()),
  committedAt: z.int(),
})
const shapeKey = z.object({
  key: z.string(),
  type: z.enum(['string', 'number', 'boolean', 'null', 'object', 'array']),
  /** the form of a moment, where the value is one */
  time: z.nullable(z.enum(['seconds', 'milliseconds', 'iso'])),
})
const mark = z.object({
  inode: z.string(),
  size: z.int(),
  /** the run of the service before ours */
  invocation: z.string(),
  /** a poll was running already: it counts as ours */
  running: z.boolean(),
})
const sight = z.object({
  /** seconds since 1970 by Z2's clock, as all moments here */
  now: z.int(),
  uid: z.int(),
  lease: z.nullable(lease),
  record: z.nullable(record),
  /** the highest login id that was ever handed out; 0 for none */
  issued: z.int(),
  token: z.object({ state: fileState, fingerprint: z.nullable(fingerprint), shape: z.array(shapeKey) }),
  /** `client`: fingerprint of the client id; `sha256` of the whole file */
  credentials: z.object({ state: fileState, client: z.nullable(fingerprint), sha256: maybeText }),
  container: z.object({
    identity: z.enum(['ours', 'other', 'absent']),
    name: maybeText,
    running: z.boolean(),
    /** why nothing is known of what is inside; null when it answered */
    says: z.nullish(z.string()),
  }),
  /** systemd's own words; `unknown` where the container did not answer */
  timer: z.object({ active: z.string(), unitFile: z.string(), load: z.string(), next: z.boolean() }),
  service: z.object({ active: z.string(), sub: z.string(), load: z.string(), since: maybeText }),
  /** `shared`: the same device and inode inside CT109; `sameFileSystem`: as the staging folder, or where that will be */
  folder: z.object({
    here: z.boolean(),
    shared: z.boolean(),
    sameFileSystem: z.boolean(),
    writable: z.boolean(),
    /** names of files in it that nobody may change, not even root */
    immutable: z.array(z.string().check(z.maxLength(64))),
  }),
  /** what is left on the disk of the data folder; `files` null where its file system does not count them */
  room: z.object({ bytes: z.number(), files: z.nullable(z.number()) }),
  switchArmed: z.boolean(),
})
const taken = z.discriminatedUnion('taken', [
  z.object({ taken: z.literal(true), lease, ...now }),
  z.object({ taken: z.literal(false), lease, ...now }),
])
/** `armed`: the switch will fire; false also when it has fired */
const renewed = z.object({ mine: z.boolean(), armed: z.boolean(), ...now })
const released = z.object({ released: z.boolean() })
const stopped = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle'), refresh: z.nullable(fingerprint) }),
  z.object({ state: z.literal('busy'), unit: z.string(), since: maybeText }),
  z.object({ state: z.literal('not-mine'), lease: z.nullable(lease) }),
  z.object({ state: z.literal('failed'), says: z.string() }),
])
const committed = z.discriminatedUnion('done', [
  z.object({ done: z.literal(true), already: z.boolean(), record }),
  z.object({
    done: z.literal(false),
    no: z.enum(['lease', 'switch', 'busy', 'rotated', 'upload', 'older', 'link', 'disk', 'other']),
    says: z.string(),
  }),
])
/** `next`: the timer will elapse, also where it waits for the end of a poll first */
const started = z.object({ started: z.boolean(), next: z.boolean(), says: z.string() })
const failed = z.object({ failed: z.string() })
const polled = z.object({
  running: z.boolean(),
  ran: z.boolean(),
  /** systemd's word on how the service ended: `success`, `exit-code`, … */
  result: z.string(),
  /** of its own lines only, oldest first */
  events: z.array(z.custom<LogEvent>((one) => typeof (one as LogEvent | null)?.kind === 'string')),
  transactions: z.nullable(z.int()),
  /** masked; the last 15 */
  lines: z.array(z.string()),
})
const tail = z.object({ lines: z.array(z.string()) })
/** Something on Z2 is not as every order needs it, or somebody else is at work there: nothing was done. */
const broken = z.object({
  broken: z.enum(['lease', 'record', 'issued', 'folder', 'lock', 'disk', 'other']),
  why: z.string(),
})

/** By the verb of the order. `failed` and `says` are clauses for a person, already masked. */
export const replyShapes = {
  see: z.union([sight, broken]),
  take: z.union([taken, broken]),
  renew: z.union([renewed, broken]),
  release: z.union([released, broken]),
  stop: stopped,
  commit: committed,
  start: started,
  poll: z.union([z.object({ mark }), failed]),
  polled: z.union([polled, failed]),
  tail: z.union([tail, failed]),
}

export type Replies = { [V in keyof typeof replyShapes]: z.infer<(typeof replyShapes)[V]> }
export type Sight = z.infer<typeof sight>
export type ShapeKey = z.infer<typeof shapeKey>
/** Where the log and the service stood before the poll that we started. */
export type Mark = z.infer<typeof mark>
export type Broken = z.infer<typeof broken>
