import type { Config } from '../lib/config.ts'
import { type Bank, fileNames, type Invariant } from '../lib/invariant.ts'

// Z2: what must be true. Same order and words as docs/runbook.

const tokenFile = (bank: Bank): Invariant => ({
  id: `z2/token-file/${fileNames[bank].token}`,
  place: 'z2',
  kind: 'token-file',
  name: fileNames[bank].token,
  chain: bank,
  bank,
  why: 'the poller can neither log in nor keep a rotated token without it',
  runbook: `${bank}#token-file`,
})

const legacyUnit = (time: 'morning' | 'evening', type: 'timer' | 'service'): Invariant => ({
  id: `z2/legacy-unit/hinata-poll-truelayer-${time}.${type}`,
  place: 'z2',
  kind: 'legacy-unit',
  name: `hinata-poll-truelayer-${time}.${type}`,
  chain: `legacy-${time}`,
  why: 'a second poller would rotate the refresh token away from ct109',
  runbook: 'truelayer#former-units',
})

/** Everything that must hold on the Proxmox host itself. */
export const z2 = (config: Config): Invariant[] => [
  {
    id: `z2/data-folder${config.hostDataDir}`,
    place: 'z2',
    kind: 'data-folder',
    name: config.hostDataDir,
    chain: 'container',
    why: 'a rotated token is written beside the old one first',
    runbook: 'monzo#data-folder',
  },
  tokenFile('monzo'),
  tokenFile('truelayer'),
  {
    id: `z2/token-age/${fileNames.truelayer.token}`,
    place: 'z2',
    kind: 'token-age',
    name: fileNames.truelayer.token,
    chain: 'person',
    bank: 'truelayer',
    maxDays: config.thresholds.tokenAgeDays,
    why: "NatWest's consent ends on day 90",
    runbook: 'truelayer#when-to-run',
  },
  {
    id: `z2/credentials-file/${fileNames.monzo.credentials}`,
    place: 'z2',
    kind: 'credentials-file',
    name: fileNames.monzo.credentials,
    chain: 'monzo',
    bank: 'monzo',
    why: 'the poller cannot refresh without the client id and secret',
    runbook: 'monzo#credentials',
  },
  legacyUnit('morning', 'timer'),
  legacyUnit('morning', 'service'),
  legacyUnit('evening', 'timer'),
  legacyUnit('evening', 'service'),
]
