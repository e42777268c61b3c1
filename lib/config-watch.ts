import * as z from 'zod/mini'
import { count, line, withDefault } from './config-login.ts'

// The part of the configuration that only the watching reads.

// A topic of ntfy and a webhook of a chat are as good as passwords, and a stack file is committed: whoever minds puts
// the address into a file of their own and names that here.
const address = line.check(
  z.regex(
    /^(https?:\/\/[^\s/]+\S*|[~/].*[^/])$/u,
    'must be an http or https URL, or the path of a file that holds one, beginning with ~ or /',
  ),
)
const program = line.check(z.regex(/^[~/].*[^/]$/u, 'must be the path of a program, beginning with ~ or /'))

/** Where what has changed is told; every way that is set is used. */
export const notify = z.strictObject({
  /** the desktop's own notifications, where there is a desktop */
  desktop: withDefault(z.boolean(), true),
  /** a topic: `https://ntfy.sh/<topic>` */
  ntfy: z.optional(address),
  /** gets a JSON document by POST */
  webhook: z.optional(address),
  /** gets the finding in its environment */
  command: z.optional(program),
})

/** How often is looked, what is kept of it, and when somebody is told. */
export const watch = z.strictObject({
  /** where the history lies, relative to the project; `~` is the person's home */
  historyDir: withDefault(line.check(z.minLength(1)), '~/.local/state/bulma-infra'),
  /** minutes between two looks of the schedule */
  everyMinutes: withDefault(count(1, 1440), 60),
  notify: z.prefault(notify, {}),
  /** when a person who is needed is reminded, by this machine's clock */
  remindAt: withDefault(line.check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time as 09:00')), '09:00'),
  /** looks in a row that must fail before somebody is told: a machine that sleeps is no outage */
  failures: withDefault(count(1, 100), 3),
})
