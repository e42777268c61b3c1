import { type Bank, fileNames, type Invariant } from '../lib/invariant.ts'

// The Mac: what must be true. It never polls; it is where a person logs in.

const credentials = (bank: Bank): Invariant => ({
  id: `mac/credentials-file/${fileNames[bank].credentials}`,
  place: 'mac',
  kind: 'credentials-file',
  name: fileNames[bank].credentials,
  chain: 'person',
  bank,
  why: 'the next login needs it, and nobody else may read it',
  runbook: `${bank}#credentials`,
})

const transitCopy = (bank: Bank): Invariant => ({
  id: `mac/transit-copy/${fileNames[bank].token}`,
  place: 'mac',
  kind: 'transit-copy',
  name: fileNames[bank].token,
  chain: 'person',
  bank,
  why: 'dead once ct109 refreshes, or a login that never reached z2',
  runbook: `${bank}#mac-copy`,
})

/** Everything that must hold on the Mac. Nothing of it is repaired by `up`: a copy may be the only live chain. */
export const mac = (): Invariant[] => [
  credentials('monzo'),
  credentials('truelayer'),
  transitCopy('monzo'),
  transitCopy('truelayer'),
]
