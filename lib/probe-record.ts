import * as z from 'zod/mini'

// One line of the look each. A Z2 that answers something else is not believed: the look then counts as cut short.
const maybeText = z.nullish(z.string())
const fileState = z.enum(['absent', 'unreadable', 'file', 'folder', 'link', 'other'])
const job = { out: z.string(), err: z.string(), exit: z.nullish(z.int()) }
const jobState = z.enum(['ended', 'hung', 'not-started'])

const host = z.object({
  k: z.literal('host'),
  /** seconds since 1970 by Z2's clock */
  time: z.number(),
  /** seconds of CLOCK_MONOTONIC, which the container shares */
  monotonic: z.nullish(z.number()),
  uid: z.int(),
})
const config = z.object({
  k: z.literal('config'),
  state: z.enum(['here', 'other-node', 'absent', 'unreadable']),
  node: maybeText,
  why: maybeText,
  lines: z.array(z.string()),
})
const folder = z.object({
  k: z.literal('folder'),
  state: fileState,
  why: maybeText,
  device: z.optional(z.string()),
  inode: z.optional(z.string()),
  mode: z.optional(z.int()),
  uid: z.optional(z.int()),
})
const mounts = z.object({ k: z.literal('mounts'), read: z.boolean(), lines: z.array(z.string()) })
const file = z.object({
  k: z.literal('file'),
  name: z.string(),
  state: fileState,
  why: maybeText,
  mode: z.optional(z.int()),
  links: z.optional(z.int()),
  uid: z.optional(z.int()),
  gid: z.optional(z.int()),
  size: z.optional(z.int()),
  changed: z.optional(z.number()),
  json: z.optional(z.enum(['object', 'not-object', 'not-json', 'empty', 'too-big'])),
  missing: z.optional(z.array(z.string())),
  time: maybeText,
  hasTime: z.optional(z.boolean()),
})
const eventKind = z.enum([
  'bad-refresh-token',
  'invalid-grant',
  'access-denied',
  'unauthorised',
  'sca-exceeded',
  'forbidden',
  'refresh-ok',
  'updated',
  'transactions',
  'done',
  'trouble',
])
const log = z.object({
  k: z.literal('log'),
  name: z.string(),
  state: fileState,
  why: maybeText,
  size: z.optional(z.int()),
  changed: z.optional(z.number()),
  events: z.array(
    z.object({
      kind: eventKind,
      time: maybeText,
      /** how many the line counts */
      accounts: z.optional(z.int()),
      transactions: z.optional(z.int()),
    }),
  ),
})
/** A lease or a record; what its keys hold is judged where its form is known. */
const note = z.object({
  state: z.enum(['absent', 'here', 'broken']),
  why: maybeText,
  value: z.optional(z.record(z.string(), z.unknown())),
})
const login = z.object({
  k: z.literal('login'),
  bank: z.enum(['monzo', 'truelayer']),
  lease: note,
  record: note,
})
const traces = z.object({
  k: z.literal('traces'),
  unread: z.array(z.string()),
  found: z.array(
    z.object({ path: z.string(), type: z.enum(['file', 'folder', 'link', 'other']), target: maybeText }),
  ),
})
const room = z.object({
  k: z.literal('room'),
  /** what is left on the disk of the data folder */
  bytes: z.optional(z.number()),
  files: z.optional(z.number()),
})
const systemd = z.object({ k: z.literal('systemd'), state: jobState, ...job })
const inside = z.object({
  k: z.literal('inside'),
  state: z.enum(['ended', 'hung', 'not-started', 'not-asked']),
  ...job,
  status: maybeText,
})

export const probeRecord = z.discriminatedUnion('k', [
  host,
  config,
  folder,
  mounts,
  file,
  log,
  login,
  traces,
  room,
  systemd,
  inside,
])

export type ProbeRecord = z.infer<typeof probeRecord>
export type RecordOf<K extends ProbeRecord['k']> = Extract<ProbeRecord, { k: K }>
export type LogEvent = RecordOf<'log'>['events'][number]
