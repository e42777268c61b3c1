import type { Bank } from '../invariant.ts'
import { ask, look, push } from '../next-step.ts'
import { Problem } from '../problem.ts'

/** Why Z2 put nothing in place. */
export type CommitNo =
  | 'lease'
  | 'switch'
  | 'busy'
  | 'rotated'
  | 'upload'
  | 'older'
  | 'link'
  | 'disk'
  | 'other'

const reasons: Record<CommitNo, { why: string; next: (bank: Bank, stack: string) => string }> = {
  lease: { why: 'another login holds the lease on z2 now', next: ask },
  switch: {
    why: 'z2 started the poll timer by itself again and again',
    next: push,
  },
  busy: { why: 'a poll runs on ct109 again and again', next: push },
  rotated: {
    why: 'the tokens on z2 change while they are being replaced',
    next: ask,
  },
  upload: { why: 'what arrived on z2 is not what was sent', next: push },
  older: { why: 'a later login is on z2 already', next: ask },
  link: {
    why: 'somebody put something that is no regular file in its place',
    next: (_, stack) => look(stack),
  },
  disk: { why: 'the disk of z2 refuses', next: (_, stack) => look(stack) },
  other: { why: 'z2 could not do it', next: push },
}

/** The error of a commit that Z2 refused; nothing was replaced there. @param says Z2's own words, masked */
export const commitProblem = (bank: Bank, stack: string, no: CommitNo, says: string): Problem =>
  new Problem({
    what: 'the tokens were not put in place on z2',
    why: says ? `${reasons[no].why}: ${says}` : reasons[no].why,
    next: reasons[no].next(bank, stack),
    left: 'the login lies on this Mac, whole; z2 keeps what it had',
  })
